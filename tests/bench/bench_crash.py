"""What a killed program loses: `goodpain record`, twenty times, beside a program that writes lines to a file.

A pty is sent 80 native frames a second whose counts number them; at a random moment the program is killed with
SIGKILL. The next start closes the session; what the record then holds is held against what had been sent.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.figures import Figure, Section, at_most, quartiles
from tests.torture.rig import RATE_HZ, Device, play, recording, timed

KILLS = 20
AT_ONCE = 4

PLAIN = """
import sys, time
count = 0
with open(sys.argv[1], "w") as file, open(sys.argv[2], "w", buffering=1) as told:
    start = time.monotonic()
    while True:
        time.sleep(max(0.0, start + count / 80 - time.monotonic()))
        file.write(f"{time.monotonic():.6f},{count},{count * 7919}\\n")
        count += 1
        told.write(f"{count}\\n")
"""


def main() -> None:
    """Print what was lost."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    kills, chance = 4 if quick else KILLS, random.Random(20)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        places = [Path(folder) / str(i) for i in range(kills)]
        waits_s = [chance.uniform(1.0, 6.0) for _ in places]
        tries = list(pool.map(killed, places, waits_s))
        plain_s = list(pool.map(plain_killed, places, waits_s))
    lost_s = [missing / RATE_HZ for missing, _, _ in tries]
    wrong = sum(wrong for _, wrong, _ in tries)
    ill = [problem for _, _, problems in tries for problem in problems]
    print(
        f"lost by {kills} kills: at most {max(lost_s):.3f} s, mean {sum(lost_s) / kills:.3f} s; {wrong} wrong; {ill}"
    )
    print(f"lost by a program that writes lines to a file: at most {max(plain_s):.3f} s")
    return Section(
        "A killed program",
        f"`goodpain record` on a pty at 80 native frames a second, {AT_ONCE} at a time, killed with SIGKILL "
        f"{kills} times at a random moment. All other faults: `make torture`.",
        (
            at_most(
                "lost by a kill, at most",
                "samples that had been handed to the port and are not in the record after the next start, in "
                "seconds of signal; the most of all kills",
                max(lost_s),
                0.5,
                "s",
                spread=quartiles(lost_s),
                peer="a program that writes each sample as a line to an open file, killed alike",
                peers=max(plain_s),
            ),
            Figure(
                "records damaged, or with a wrong sample",
                "by SQLite's own check, and by holding each sample against what was sent",
                wrong + len(ill),
                f"of {kills}",
                "0",
                not wrong and not ill,
            ),
        ),
    )


def killed(place: Path, wait_s: float) -> tuple[int, int, tuple[str, ...]]:
    """One kill: samples missing from the record, wrong ones in it, and what is wrong with it."""
    device = Device()
    frames = (device.frame() for _ in range(int(wait_s * RATE_HZ)))
    with recording(place) as run:
        play(run.port, timed(frames))
        run.process.kill()
        run.process.wait()
        found = run.found(device)
    return found.sent - found.recorded, found.wrong, found.problems


def plain_killed(place: Path, wait_s: float) -> float:
    """The same of a program that leaves its file to the system's library: seconds lost."""
    place.mkdir(parents=True, exist_ok=True)
    lines, told = place / "lines.csv", place / "told"
    with subprocess.Popen([sys.executable, "-c", PLAIN, str(lines), str(told)]) as process:
        time.sleep(wait_s + 0.2)
        process.kill()
    count = told.read_text().count("\n") if told.exists() else 0
    return max(0, count - lines.read_text().count("\n")) / RATE_HZ


if __name__ == "__main__":
    main()
