"""Views and moments for the tests of sound: real values, made by hand."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from feedback.alarm import Alarm
from feedback.band import Band
from feedback.band.source import BandNow
from feedback.coach import (
    CoachNow,
    PhaseKind,
    PressesSettings,
    RateCue,
    RateNow,
    Technique,
    TechniqueKind,
    ThresholdSettings,
)
from feedback.coach.technique import SETTINGS
from feedback.guidance import Cue
from feedback.points import Point
from feedback.press import PressNow
from feedback.view import LiveView, Place

PLACE = Place(uuid4(), "K-07", Point("upper trapezius", "left", "1"), "probe", 1.0)
ALARM = Alarm(since_s=0.0, peak_kpa=450.0)


def view(
    cue: Cue = Cue.HOLD,
    *,
    live: bool = True,
    waiting: bool = False,
    alarm: Alarm | None = None,
    coach: CoachNow | None = None,
    pressure_kpa: float = 200.0,
    ramp_kpa_per_s: float = 0.0,
) -> LiveView:
    pressing = cue not in (Cue.READY, Cue.NO_SIGNAL, Cue.NOT_CALIBRATED)
    return LiveView(
        now_s=0.0,
        place=PLACE,
        waiting=waiting,
        live=live,
        age_s=None if waiting else 0.0,
        calibrated=True,
        saturated=False,
        suspect="",
        pressure_kpa=pressure_kpa if live else None,
        shown_kpa=pressure_kpa if live else None,
        force_n=pressure_kpa / 10 if live else None,
        counts=1,
        cue=cue if live else Cue.NO_SIGNAL,
        bounds=BandNow(Band(150.0, 250.0)),
        ceiling_kpa=400.0,
        press=PressNow(0.0, 1.0, 1.0, pressure_kpa, 1.0, ramp_kpa_per_s) if pressing else None,
        presses=(),
        heard=(),
        prompt="",
        stopped=False,
        waits=False,
        lost=0,
        alarm=alarm,
        coach=coach,
    )


LOST = view(live=False)
WAITING = view(live=False, waiting=True)


def coaching(
    phase: PhaseKind,
    *,
    kind: TechniqueKind = TechniqueKind.RELEASE,
    rate: RateCue | None = None,
    ended: int = 0,
    rule: str = "",
    elapsed_s: float = 1.0,
) -> CoachNow:
    settings = ThresholdSettings(rate_n_per_s=5.0) if kind is TechniqueKind.THRESHOLD else SETTINGS[kind]()
    return CoachNow(
        technique=Technique("t", "T", kind, settings),
        phase=phase,
        do="",
        why="",
        then="",
        round=1,
        rounds=3,
        elapsed_s=elapsed_s,
        of_s=None,
        rate=RateNow(30.0, 15.0, 45.0, 50.0, rate) if rate else None,
        target_kpa=None,
        ended=ended,
        result=None,
        rule=rule,
    )


__all__ = ["ALARM", "LOST", "WAITING", "PressesSettings", "coaching", "replace", "view"]
