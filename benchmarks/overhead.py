"""What Blackstart adds to a recovery: T5 − T2 beside a bare shell script that does the same steps.

    python benchmarks/overhead.py [--scale medium] [--rounds 3]

Each round runs `delete-database-volume` on the embedded engine and keeps its shop; then the script
restores the very same dump into a new server, and stops the kept storefront as the fence does. Both
take the same steps with the same programs, one after the other in one run, so the ratio travels;
the seconds are this machine's. Verification (T6 − T5) is not part of the ratio and stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from blackstart.engines.embedded.programs import base_environment, postgres_tool, unprivileged

AIM = 1.05
SCENARIO = Path(__file__).parents[1] / "scenarios" / "delete-database-volume.yaml"
BLACKSTART = (sys.executable, "-m", "blackstart")

SCRIPT = r"""
set -eu
kill -TERM "$APP"
while kill -0 "$APP" 2>/dev/null; do sleep 0.01; done
echo "$DUMP_SHA256  $DUMP" | sha256sum --check --quiet
mkdir -m 700 "$DATA"
printf '%s\n' "$PGPASSWORD" | $AS initdb --pgdata="$DATA" --username=shop --pwfile=/dev/stdin --no-sync \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums >/dev/null
echo 'CREATE DATABASE "shop";' | $AS postgres --single -D "$DATA" postgres >"$DATA.log" 2>&1
$AS postgres -D "$DATA" -c listen_addresses=127.0.0.1 -c port="$PGPORT" -c unix_socket_directories= \
    -c dynamic_shared_memory_type=mmap >>"$DATA.log" 2>&1 &
echo $! >"$DATA.pid"
until psql --dbname=shop --tuples-only --command='SELECT 1' >/dev/null 2>&1; do sleep 0.02; done
pg_restore --list <"$DUMP" >"$DATA.list"
psql --quiet --dbname=postgres --command='CREATE DATABASE shop_restored TEMPLATE template0'
test "$(psql --dbname=shop_restored -At --command="SELECT count(*) FROM pg_stat_user_tables")" = 0
pg_restore --dbname=shop_restored --exit-on-error --no-password <"$DUMP"
psql --quiet --dbname=shop_restored --command="ANALYZE $TABLES"
psql --quiet --dbname=postgres --command='DROP DATABASE shop WITH (FORCE)' \
    --command='ALTER DATABASE shop_restored RENAME TO shop'
for _ in 1 2 3 4 5; do
    test "$(psql --dbname=shop -At --command='SELECT pg_is_in_recovery(), count(*) > 0 FROM pg_class')" = 'f|t'
done
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round's seconds."""

    ours: float
    script: float
    verification: float
    rows: int


def main() -> int:
    """Print a line a round, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--scale", default="medium", choices=("small", "medium", "large"))
    parser.add_argument("--rounds", type=int, default=3)
    words = parser.parse_args()
    print(f"{'round':<7} {'rows':>10} {'T5 − T2':>9} {'script':>9} {'ratio':>7} {'verification':>13}")
    rounds = []
    for number in range(1, words.rounds + 1):
        rounds.append(one_round(words.scale, number))
        print_row(str(number), rounds[-1])
    median = statistics.median(r.ours / r.script for r in rounds)
    print(f"median ratio {median:.3f}, aim {AIM} or less: {'met' if median <= AIM else 'missed'}")
    return 0


def one_round(scale: str, seed: int) -> Round:
    """A drill whose shop is kept, the script beside it, then both are removed."""
    with tempfile.TemporaryDirectory(prefix="blackstart-overhead-") as temporary:
        home = Path(temporary)
        env = {**os.environ, "XDG_STATE_HOME": str(home / "state")}
        options = [f"--scale={scale}", f"--seed={seed}", "--engine=embedded", "--keep", "--quiet", "--reports=reports"]
        try:
            done = subprocess.run(
                [*BLACKSTART, "run", str(SCENARIO), *options], cwd=home, env=env, capture_output=True, text=True
            )
            if done.returncode not in (0, 4):
                raise SystemExit(f"the drill ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
            return measured(home, next((home / "reports").glob("2*")))
        finally:
            subprocess.run([*BLACKSTART, "sweep"], env=env, stdout=subprocess.DEVNULL, check=False)


def measured(home: Path, run: Path) -> Round:
    """The drill's own figures, and the script's for the same dump."""
    events = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]
    marks = {e["data"]["name"]: e["t"] for e in events if e["event"] == "mark"}
    chosen = next(e["data"] for e in events if e["event"] == "chosen" and e["data"]["role"] == "database")
    manifest = json.loads((run / "evidence" / "backup-database.json").read_text())
    state = home / "state" / "blackstart" / run.name
    dump = state / "work" / "backups" / "database" / chosen["id"] / "artefact"
    return Round(
        ours=marks["T5"] - marks["T2"],
        script=by_hand(home / "data", dump, manifest, storefront(state)),
        verification=marks["T6"] - marks["T5"],
        rows=sum(table["rows"] for table in manifest["database"]["tables"].values()),
    )


def by_hand(data: Path, dump: Path, manifest: dict[str, object], app: int) -> float:
    """Seconds that the script takes; its server is ended afterwards."""
    database = manifest["database"]
    assert isinstance(database, dict)
    variables = {
        "AS": " ".join(unprivileged()),
        "APP": str(app),
        "DATA": str(data),
        "DUMP": str(dump),
        "DUMP_SHA256": str(manifest["sha256"]),
        "TABLES": ", ".join(database["tables"]),
        "PGHOST": "127.0.0.1",
        "PGPORT": "31999",
        "PGUSER": "shop",
        "PGPASSWORD": secrets.token_urlsafe(16),
        "PATH": f"{Path(postgres_tool('psql')).parent}:{os.environ['PATH']}",
    }
    began = time.monotonic()
    try:
        subprocess.run(["bash", "-c", SCRIPT], env={**base_environment(), **variables}, check=True)
        return time.monotonic() - began
    finally:
        end(Path(f"{data}.pid"))


def storefront(state: Path) -> int:
    """The process id of the kept shop's storefront."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words[-2:] == ["-m", "storefront"] and process.cwd().startswith(str(state.resolve())):
            return process.pid
    raise SystemExit("the kept shop has no storefront")


def end(pid_file: Path) -> None:
    """Stop the script's server and all that it started."""
    if pid_file.exists():
        server = psutil.Process(int(pid_file.read_text()))
        family = [*server.children(recursive=True), server]
        for process in family:
            process.terminate()
        for process in psutil.wait_procs(family, timeout=20)[1]:
            process.kill()


def print_row(name: str, each: Round) -> None:
    """One line of the table."""
    ratio, seconds = each.ours / each.script, f"{each.ours:>7.2f} s {each.script:>7.2f} s"
    print(f"{name:<7} {each.rows:>10,} {seconds} {ratio:>7.3f} {each.verification:>11.2f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
