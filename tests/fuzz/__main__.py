"""`python -m tests.fuzz [MINUTES [TARGET …]]`: every target for so many minutes (10 unless told), led by coverage.

Each target runs in a process of its own under atheris, with 2 GB of memory and 30 s for one input. It begins with
`tests/fuzz/corpus/TARGET`; inputs that reach new code are kept in a folder for temporary files, and the smallest of
them can be put into the corpus with `--keep`. An input that breaks something is written beside them and named.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
PRODUCT = ("feedback", "firmware_bridge", "sim", "tui")
LONGEST = 4096
KEPT = 40
"""Inputs of a target that are kept, the smallest first, and together …"""
KEPT_BYTES = 6_000


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
    """Put the smallest of what was found into the corpus."""
    place = CORPUS / name
    place.mkdir(parents=True, exist_ok=True)
    size = 0
    for file in sorted(found.iterdir(), key=lambda file: file.stat().st_size)[:KEPT]:
        size += file.stat().st_size
        if size > KEPT_BYTES:
            break
        shutil.copyfile(file, place / file.name[:12])


def main() -> int:
    """Run the targets one after the other; prints runs, coverage and what broke."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--keep"]
    if arguments[:1] == ["--one"]:
        fuzz(arguments[1], int(arguments[2]), Path(arguments[3]))
        return 0
    from tests.fuzz.targets import TARGETS

    seconds = max(1, round(60 * float(arguments[0]))) if arguments else 600
    names = arguments[1:] or list(TARGETS)
    if unknown := [name for name in names if name not in TARGETS]:
        print(f"no such target: {', '.join(unknown)}; there are {', '.join(TARGETS)}")
        return 2
    place = Path(tempfile.mkdtemp(prefix="goodpain-fuzz-found-"))
    broken = 0
    print(f"{'target':<12} {'runs':>9} {'seconds':>8} {'features':>9} {'MB':>6}  outcome", flush=True)
    for name in names:
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
        runs = re.findall(r"number_of_executed_units:\s*(\d+)", said) or re.findall(r"#(\d+)", said) or ["0"]
        features = re.findall(r"\bft: (\d+)", said) or ["0"]
        memory = re.findall(r"peak_rss_mb:\s*(\d+)", said) or ["?"]
        outcome = "whole" if done.returncode == 0 else f"BROKE: {place / name}.log"
        broken += done.returncode != 0
        print(
            f"{name:<12} {runs[-1]:>9} {seconds:>8} {features[-1]:>9} {memory[-1]:>6}  {outcome}", flush=True
        )
        if "--keep" in sys.argv:
            keep(name, found)
    if broken:
        print(f"what broke them lies in {place}")
    else:
        shutil.rmtree(place)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
