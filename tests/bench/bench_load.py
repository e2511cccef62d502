"""Many sensors, and fast ones, in one program (`tests.soak.load`): what was demanded, and how the time grows."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.figures import Curve, Figure, Section, at_most
from tests.soak.load import DEMANDED, P99_MS, Loaded, load

SENSORS = (1, 8, 32)
RATES_HZ = (80.0, 1_000.0, 10_000.0)


def main() -> None:
    """Print them."""
    measure(Path(), quick=False)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    seconds = 3.0 if quick else 5.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demanded = told(load(folder / "demanded", DEMANDED, 3 * seconds))
        many = [told(load(folder / f"many{n}", [80.0] * n, seconds)) for n in SENSORS[: 2 if quick else None]]
        fast = [
            told(load(folder / f"fast{hz:.0f}", [hz], seconds)) for hz in RATES_HZ[: 2 if quick else None]
        ]
    missing = demanded.refused + demanded.lost
    about = "8 sensors at 80 and one at 1,000 samples a second on ptys, one program with a session and a record of each"
    definition = (
        "from the moment at which a port has taken a sample's last byte to that at which its session has it"
    )
    return Section(
        "Many sensors in one program",
        f"{about}, {3 * seconds:g} s. `python -m tests.soak --hours 0 --load` goes on to the limits.",
        (
            Figure(
                "samples lost",
                "samples that the devices took and that are not in the records with their own counts",
                missing,
                f"of {demanded.due:,}",
                "0",
                not missing and not demanded.problems,
                "; ".join(demanded.problems),
            ),
            at_most(
                "handed over → in the session, p99",
                f"{definition}; 99 % point over all sensors",
                demanded.p99_ms,
                P99_MS,
                "ms",
                spread=f"p50 {demanded.p50_ms:.1f}, most {demanded.most_ms:.1f}",
                peer="how late the feeder itself was woken, p99",
                peers=demanded.late_ms,
            ),
            Figure("the program", "processor time of all its threads", demanded.cpu, "cores"),
        ),
        (
            curve(
                "Sensors at 80 samples a second",
                "sensors",
                [(float(one.sensors), one) for one in many],
                definition,
            ),
            curve("One sensor that is faster", "samples/s", [(one.rate_hz, one) for one in fast], definition),
        ),
    )


def curve(title: str, along: str, found: list[tuple[float, Loaded]], definition: str) -> Curve:
    """The 99 % point over one of them."""
    return Curve(
        title,
        f"p99 of the time {definition}.",
        along,
        "ms",
        tuple(
            (x, one.p99_ms, f"p50 {one.p50_ms:.1f}, {one.refused + one.lost} lost, {one.cpu:.2f} cores")
            for x, one in found
        ),
    )


def told(one: Loaded) -> Loaded:
    """Print it, and give it back."""
    print(
        f"{one.sensors:>3} sensors {one.rate_hz:>8.0f}/s: {one.refused + one.lost} of {one.due} lost, p50 "
        f"{one.p50_ms:.1f} p99 {one.p99_ms:.1f} most {one.most_ms:.1f} ms, {one.cpu:.2f} cores"
    )
    return one


if __name__ == "__main__":
    main()
