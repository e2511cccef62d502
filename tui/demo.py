"""The demonstration: a simulated therapist follows the coach on a simulated client, so that all is seen in a minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feedback.coach import ReleaseSettings, Technique, TechniqueError, TechniqueKind
from feedback.points import UNSPECIFIED, Point
from sim.guided import Guided
from sim.scenarios import DEFAULT_SEED, scenario
from sim.steering import Steering
from tui.shelf import Shelf
from tui.wanted import SensorWanted, Visit

if TYPE_CHECKING:
    from pathlib import Path

    from sim.client import SimulatedClient
    from tui.live_loop import Follower
    from tui.opening import Studio

CEILING_KPA = 500.0
"""Above what the simulated hand does when it goes too far, so that the cue for that is seen and not the alarm."""
CLIENT = "DEMO"
SEED = 28
"""With this seed the client (184 to 229 kPa) says “there” within ten seconds and “too much” when the hand goes too far,
and the therapist's first ramp is too fast until the screen says so."""
SHOWN = Technique(
    "demo-release",
    "Sustained release, shortened",
    TechniqueKind.RELEASE,
    ReleaseSettings(
        learn_kpa_per_s=25.0,
        ramp_tolerance_share=0.3,
        hold_s=12.0,
        hold_min_s=8.0,
        hold_max_s=15.0,
        ease_s=2.0,
    ),
    ("sustained release, with rates and holds for looking at, not for treating",),
    "Holds of 12 s, so that a demonstration shows everything within a minute. Not meant for treatment.",
)
REMINDER = "Demo: holds of 12 s, to show everything soon; a real release holds 60 s"


@dataclass(frozen=True, slots=True)
class Demo:
    """What a demonstration is made of.

    Attributes:
        wanted: the simulated sensor.
        visit: who is pressed where; `prepare` gives the client a code.
        client: who talks.
        followers: the simulated therapist, if one steers the hand.
        technique: what is coached.
    """

    wanted: SensorWanted
    visit: Visit
    client: SimulatedClient
    followers: tuple[Follower, ...]
    technique: Technique

    def prepare(self, studio: Studio) -> Visit:
        """Lay out the technique, and meet a client who was never here before: what is learned is learned anew."""
        studio.shelf.add(self.technique)
        if not self.followers:
            return self.visit
        if self.technique is SHOWN:
            studio.reminder = REMINDER
        known = {client.code for client in studio.history.clients()}
        codes = (CLIENT if n == 1 else f"{CLIENT}-{n}" for n in range(1, len(known) + 2))
        return replace(self.visit, client_code=next(code for code in codes if code not in known))


def demo_of(folder: Path, *, scenario_name: str, seed: int | None, speed: float, technique_name: str) -> Demo:
    """Put a demonstration together.

    Args:
        folder: of the record, where the therapist's own techniques lie.
        scenario_name: what the simulated hand works on.
        seed: all chance follows from it; None for the one that shows most.
        speed: simulated seconds a second.
        technique_name: empty for the shortened sustained release. A free technique is shown by a hand that follows a
            story of its own, every other one by a simulated therapist who does what the screen asks.

    Raises:
        ValueError: no such scenario.
        TechniqueError: no such technique; the message lists those there are.
    """
    technique = _technique(folder, technique_name)
    free = technique.kind is TechniqueKind.FREE
    seed = (DEFAULT_SEED if free else SEED) if seed is None else seed
    chosen = scenario(scenario_name, seed)
    url = f"sim://{scenario_name}?seed={seed}&speed={speed:g}"
    followers: tuple[Follower, ...] = ()
    if not free and chosen.tissue is not None:
        url += "&hand=steered"
        followers = (Guided(Steering(url), seed),)
    visit = Visit(
        CLIENT,
        Point(chosen.muscle or UNSPECIFIED, chosen.side, "1"),
        "probe",
        chosen.tip_area_cm2,
        ceiling_kpa=CEILING_KPA,
        technique=technique.name,
    )
    return Demo(SensorWanted(url), visit, chosen.client(), followers, technique)


def _technique(folder: Path, name: str) -> Technique:
    if not name:
        return SHOWN
    shelf = Shelf(folder)
    technique = shelf.technique(name)
    if technique is None:
        raise TechniqueError(
            f"there is no technique “{name}”: use one of {', '.join(shelf.techniques)}"
            + "".join(f" ({problem})" for problem in shelf.problems)
        )
    return technique
