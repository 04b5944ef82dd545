"""A scenario's locale is one of Faker's, or the scenario is refused."""

from pathlib import Path

import pytest

from blackstart import planning
from blackstart.clock import Clock
from blackstart.errors import InputRefused

SCENARIO = "name: quiet\ntitle: Nothing goes wrong\nseed:\n  scale: small\n  locale: {}\n"


def written(folder: Path, locale: str) -> Path:
    path = folder / "quiet.yaml"
    path.write_text(SCENARIO.format(locale))
    return path


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "ja_JP", "tl_PH"])
def test_a_known_locale_is_fine(locale: str, tmp_path: Path) -> None:
    """It becomes part of the scenario, and so of the plan."""
    assert locale == planning.check_file(written(tmp_path, locale)).seed.locale


def test_an_unknown_locale_is_refused_with_its_line(tmp_path: Path) -> None:
    """The line, the key, and what was probably meant, for the file alone and for a run."""
    path = written(tmp_path, "de_DD")
    expected = f"{path}:5: seed.locale: unknown locale 'de_DD' (did you mean de_DE"
    with pytest.raises(InputRefused) as checked:
        planning.check_file(path)
    with pytest.raises(InputRefused) as planned:
        planning.plan_run(str(path), planning.Options(engine="embedded"), Clock())

    assert str(checked.value).startswith(expected)
    assert str(planned.value).startswith(expected)


def test_a_plan_tells_what_the_shop_was_made_with(tmp_path: Path) -> None:
    """Seed, locale, and the versions of what words and pictures come from."""
    plan, _ = planning.plan_run(str(written(tmp_path, "de_DE")), planning.Options(engine="embedded", seed=7), Clock())

    assert (7, "de_DE") == (plan.seed, plan.scenario.seed.locale)
    assert {"faker", "numpy", "pillow"} <= set(plan.versions)
