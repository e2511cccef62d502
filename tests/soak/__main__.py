"""`make soak`, or `python -m tests.soak` with `--hours`, `--real`, `--screens`, `--load`: the table, is all well."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.soak.fast import Soaked, soak
from tests.soak.gauges import FLAT
from tests.soak.real import real
from tests.soak.screens import Looked, practise, review

LONG_SHARE = 0.5
"""Of the device time, in one session; the rest is sessions of an hour."""
PACKED_SAMPLES_MIB_PER_H, RUNNING_MIB_PER_H = 0.6, 3.0
"""What docs/record.md states of the room an hour takes: its samples packed, all while it runs."""
DRIFT_MS_PER_DAY = 1.0


def _lengths(hours: float) -> list[float]:
    long_h = hours * LONG_SHARE
    rest_h = hours - long_h
    count = max(1, round(rest_h))
    return [long_h * 3600] + [rest_h * 3600 / count] * count


def _say(name: str, value: str, well: bool = True) -> bool:
    print(f"  {name:<44} {value}{'' if well else '   NOT WELL'}")
    return well


def report(title: str, run: Soaked) -> bool:
    """Print what a run came to; returns whether all is as it must be."""
    account, errors, uses = run.account, run.errors, run.uses
    hours = run.device_s / 3600
    print(f"\n{title}")
    least_ms, most_ms = errors.hourly_ms
    before_mib, after_mib = run.record_mib
    well = [
        _say(
            "device time",
            f"{hours:.2f} h in {run.sessions} sessions, {run.wall_s / 60:.1f} min of the wall clock",
        ),
        _say(
            "samples sent = recorded + known lost",
            f"{account.sent} = {account.recorded} + {account.known}",
            account.recorded + account.known == account.sent,
        ),
        _say("lost silently, wrong", f"{account.silent}, {account.wrong}", account.well),
        _say("presses, reports, plug pulled", f"{run.presses}, {run.reports}, {run.replugs}"),
        _say(
            "memory after the warm-up",
            f"{uses.rss_middle_mib:.1f} MiB ± {uses.rss_spread:.1%}, {uses.rss_growth_mib_per_h:+.2f} MiB per hour",
            uses.rss_spread <= FLAT,
        ),
        _say("more files open, more threads", f"{uses.fd_growth}, {uses.thread_growth}", uses.fd_growth <= 0),
        not run.beside.warm
        or _say(
            "memory of a mirror beside it",
            f"{run.beside.rss_middle_mib:.1f} MiB ± {run.beside.rss_spread:.1%}, "
            f"{run.beside.fd_growth} more files open",
            run.beside.rss_spread <= FLAT and run.beside.fd_growth <= 0,
        ),
        _say(
            "error of time stamps: mean, least and most hour",
            f"{errors.mean_ms:.3f} ms, {least_ms:.3f} to {most_ms:.3f} ms",
        ),
        _say("worst error of one sample", f"{errors.worst_s * 1e3:.2f} ms"),
        _say(
            "drift of time stamps",
            f"{errors.drift_ms_per_day:+.3f} ms per day",
            hours < 2 or abs(errors.drift_ms_per_day) <= DRIFT_MS_PER_DAY,
        ),
        _say(
            "record per hour, as it ran and packed",
            f"{before_mib / hours:.2f} and {after_mib / hours:.2f} MiB, samples {run.samples_mib / hours:.2f}",
            hours < 2
            or (
                before_mib / hours <= RUNNING_MIB_PER_H
                and run.samples_mib / hours <= PACKED_SAMPLES_MIB_PER_H
            ),
        ),
        _say(
            "in real time: device late, clock taken as new",
            f"{run.device_late_s * 1e3:.0f} ms at most, {run.clock_restarts} times",
        ),
        _say("-wal at most", f"{run.wal_mib:.1f} MiB"),
    ]
    for failure in dict.fromkeys([*account.problems, *run.failures]):
        print(f"    ! {failure}")
    return all(well) and not run.failures


def looked(title: str, run: Looked) -> bool:
    """The same of a program that went from one thing to the next."""
    uses = run.uses
    print(f"\n{title}, {run.wall_s / 60:.1f} min")
    if run.failure:
        print(f"    ! {run.failure}")
    well = [
        _say(
            "memory after the warm-up",
            f"{uses.rss_middle_mib:.1f} MiB ± {uses.rss_spread:.1%}",
            uses.rss_spread <= FLAT,
        ),
        _say("more files open, more threads", f"{uses.fd_growth}, {uses.thread_growth}", uses.fd_growth <= 0),
    ]
    return all(well) and not run.failure


def main(arguments: list[str]) -> int:
    """Run what is asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "--hours", type=float, default=24.0, help="device time, as fast as it goes; 0: not at all"
    )
    parser.add_argument(
        "--real", type=float, default=0.0, metavar="SECONDS", help="in real time; 3600 is the hour"
    )
    parser.add_argument(
        "--screens", action="store_true", help="a review of 400 presses, 200 attempts at practice"
    )
    parser.add_argument("--load", action="store_true", help="many sensors in one program, up to the limits")
    asked = parser.parse_args(arguments)
    # No session of somebody who uses this computer is touched, nor its mirror.
    well = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        if asked.real > 0:
            well &= report(
                "In real time, the installed program on a pseudo-terminal", real(folder / "real", asked.real)
            )
        if asked.hours > 0:
            well &= report("As fast as it goes", soak(folder / "fast", _lengths(asked.hours)))
        if asked.screens:
            well &= looked("A review of 400 presses", review(folder / "review", 400))
            well &= looked("Practice, 200 attempts", practise(folder / "practise", 200))
        if asked.load:
            from tests.soak.load import limits

            well &= limits(folder / "load")
    print("\nall is well" if well else "\nNOT all is well")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
