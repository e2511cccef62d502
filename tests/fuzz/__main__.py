"""`python -m tests.fuzz [MINUTES [TARGET …]]`: every target for so many minutes (10 unless told), led by coverage.

Each target runs in a process of its own under atheris, with 2 GB of memory and 30 s for one input, `--jobs N` of them
at once. It begins with `tests/fuzz/corpus/TARGET`; inputs that reach new code are kept in a folder for temporary files,
and with `--keep` some small ones go into the corpus, and the figures of the run beside it. An input that breaks
something is written there too and named. `--page` prints the figures of the last runs as a table and runs nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, astuple, dataclass
from datetime import date
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
PRODUCT = ("feedback", "firmware_bridge", "sim", "tui")
LONGEST = 4096
KEPT = 40
LARGEST_KEPT = 400
KEPT_BYTES = 6_000
"""Inputs of a target that are kept: so many, none larger than this, together no more than that."""
LAST = Path(__file__).parent / "last_runs.json"
"""Figures of the last run of each target that was kept."""
LINE = "{:<14} {:>9} {:>8} {:>9} {:>6}  {}"


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one target: inputs tried, features (edges by how often, as libFuzzer counts them), peak memory."""

    target: str
    day: str
    seconds: int
    runs: int
    features: int
    mb: int
    outcome: str


def fuzz(name: str, seconds: int, found: Path) -> None:
    """In this process: run one target until its time is over or something breaks."""
    import atheris

    with atheris.instrument_imports(include=[*PRODUCT, "tomllib", "zipfile"]):
        from tests.fuzz.targets import TARGETS

    folder = Path(tempfile.mkdtemp(prefix=f"goodpain-fuzz-{name}-"))
    target = TARGETS[name]
    arguments = [
        *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=30", "-rss_limit_mb=2048"),
        *("-print_final_stats=1", f"-artifact_prefix={found.parent}/{name}-", str(found)),
    ]
    if (CORPUS / name).is_dir():
        arguments.append(str(CORPUS / name))
    try:
        atheris.Setup([sys.argv[0], *arguments], lambda data: target(data, folder))
        atheris.Fuzz()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(name: str, found: Path) -> None:
    """Put some of what was found, and of what was there, into the corpus: small ones of every size."""
    place = CORPUS / name
    place.mkdir(parents=True, exist_ok=True)
    known = {file.name: file.read_bytes() for file in place.iterdir()}
    known |= {file.name[:12]: file.read_bytes() for file in found.iterdir()}
    small = sorted((len(content), file) for file, content in known.items() if len(content) <= LARGEST_KEPT)
    chosen: set[str] = set()
    left = KEPT_BYTES
    for number in range(min(KEPT, len(small))):
        size, file = small[number * len(small) // min(KEPT, len(small))]
        if size <= left:
            chosen.add(file)
            left -= size
    for file, content in known.items():
        if file in chosen:
            (place / file).write_bytes(content)
        else:
            (place / file).unlink(missing_ok=True)


def last_runs() -> dict[str, Run]:
    """The last run of each target that was kept."""
    return {one["target"]: Run(**one) for one in json.loads(LAST.read_text())} if LAST.exists() else {}


def remember(run: Run) -> None:
    """Keep the figures of a run in place of those of the target's run before."""
    runs = sorted((last_runs() | {run.target: run}).values(), key=lambda one: one.target)
    LAST.write_text("[\n" + ",\n".join(json.dumps(asdict(one)) for one in runs) + "\n]\n")


def page(runs: list[Run]) -> str:
    """The runs as a table of a page."""
    rows = [
        ("target", "day", "seconds", "runs", "features", "MB", "outcome"),
        ("-",) * 7,
        *map(astuple, runs),
    ]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def run(name: str, seconds: int, place: Path, *, kept: bool) -> Run:
    """One target in a process of its own."""
    found = place / name
    found.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--one", name, str(seconds), str(found)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    said = done.stdout + done.stderr
    (place / f"{name}.log").write_text(said)

    def last(*patterns: str) -> int:
        numbers = next((hits for pattern in patterns if (hits := re.findall(pattern, said))), ["0"])
        return int(numbers[-1])

    if kept:
        keep(name, found)
    return Run(
        name,
        f"{date.today()}",
        seconds,
        last(r"number_of_executed_units:\s*(\d+)", r"#(\d+)"),
        last(r"\bft: (\d+)"),
        last(r"peak_rss_mb:\s*(\d+)", r"rss: (\d+)Mb"),
        "whole" if done.returncode == 0 else "broke",
    )


def main() -> int:
    """Run the targets, some at once; prints runs, coverage and what broke."""
    if sys.argv[1:2] == ["--one"]:
        fuzz(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
        return 0
    from tests.fuzz.targets import TARGETS

    told = _options()
    names = told.targets or list(TARGETS)
    if unknown := [name for name in names if name not in TARGETS]:
        print(f"no such target: {', '.join(unknown)}; there are {', '.join(TARGETS)}")
        return 2
    if told.page:
        runs = last_runs()
        print(page([runs[name] for name in TARGETS if name in runs]))
        return 0
    place = Path(tempfile.mkdtemp(prefix="goodpain-fuzz-found-"))
    seconds = max(1, round(60 * told.minutes))
    broken = 0
    print(LINE.format("target", "runs", "seconds", "features", "MB", "outcome"), flush=True)
    with ThreadPoolExecutor(max(1, told.jobs)) as pool:
        begun = [pool.submit(run, name, seconds, place, kept=told.keep) for name in names]
        for done in as_completed(begun):
            now = done.result()
            broken += now.outcome != "whole"
            where = "whole" if now.outcome == "whole" else f"BROKE: {place / now.target}.log"
            print(LINE.format(now.target, now.runs, now.seconds, now.features, now.mb, where), flush=True)
            if told.keep:
                remember(now)
    if broken:
        print(f"what broke them lies in {place}")
    else:
        shutil.rmtree(place)
    return 1 if broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.fuzz", description="Coverage-led fuzzing of every target."
    )
    parser.add_argument("minutes", nargs="?", type=float, default=10.0, help="of each target (10)")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="which (all)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at once (1)")
    parser.add_argument("--keep", action="store_true", help="keep small inputs and the figures")
    parser.add_argument("--page", action="store_true", help="print the last run of each as a table, and end")
    return parser.parse_intermixed_args()


if __name__ == "__main__":
    sys.exit(main())
