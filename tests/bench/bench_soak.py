"""An hour of device time through the whole pipeline (`tests.soak.fast`): memory, files, every sample."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.bench.figures import Figure, Section, at_most
from tests.soak.fast import soak
from tests.soak.gauges import FLAT

HOURS = 1.0


def main() -> None:
    """Print them."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    hours = 0.1 if quick else HOURS
    with tempfile.TemporaryDirectory() as name:
        # No session of somebody who uses this computer is touched, nor its mirror.
        os.environ["XDG_CACHE_HOME"] = str(Path(name) / "cache")
        run = soak(Path(name) / "fast", [hours * 1800] * 2)
    account, uses, errors = run.account, run.uses, run.errors
    ill = [*account.problems, *run.failures]
    print(
        f"{hours:g} h: {account.sent:,} samples sent, {account.recorded:,} recorded, {account.known:,} known lost, "
        f"{account.silent} silent, {account.wrong} wrong; memory ± {uses.rss_spread:.1%}, files "
        f"{uses.fd_growth:+d}; {ill}"
    )
    return Section(
        "Hours of it",
        f"{hours:g} h of device time at 80 samples a second in two sessions, as fast as it goes, with frames "
        "lost and spoilt, "
        f"stalls, and the plug pulled {run.replugs} times. 24 h: `make soak`; every fault: `make torture`.",
        (
            Figure(
                "samples lost silently, or wrong",
                "held one by one against what the device took: missing without a word in the record, or in it "
                "but never sent so",
                account.silent + account.wrong,
                f"of {account.sent:,}",
                "0",
                account.well and not ill,
                f"{account.known:,} known to be lost" + "".join(f"; {one}" for one in ill),
            ),
            at_most(
                "memory after the warm-up",
                "greatest distance of the resident memory from its middle, after a tenth of the run, as a share of it",
                100 * uses.rss_spread,
                100 * FLAT,
                "%",
                spread=f"{uses.rss_middle_mib:.0f} MiB",
            ),
            at_most("more files open at the end", "file descriptors, end less warm-up", uses.fd_growth, 0),
            Figure(
                "drift of time stamps",
                "slope of the error of a sample's time over the run",
                errors.drift_ms_per_day,
                "ms a day",
                spread=f"worst error of one sample {errors.worst_s * 1e3:.1f} ms",
            ),
        ),
    )


if __name__ == "__main__":
    main()
