"""Drills, steps and levels in the words of the screen, pressures in the user's unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.drills import DrillKind, FeedbackMode, Judged, Level, Purpose, StepKind
from feedback.drills.drill import Contrast, Hold, Points, Ramp, Release, Reproduce, Steps, Threshold, Wave
from feedback.drills.progress import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.drills import Amount, Drill
    from feedback.units import PressureUnit

KINDS = {
    DrillKind.HOLD: "hold",
    DrillKind.RAMP: "ramp",
    DrillKind.STEPS: "steps",
    DrillKind.TRACE: "follow",
    DrillKind.FIND: "find",
    DrillKind.REPRODUCE: "same again",
    DrillKind.CONTRAST: "a little more",
    DrillKind.THRESHOLD: "threshold",
    DrillKind.RELEASE: "release",
}
STEPS = {
    StepKind.BASELINE: "Blind baseline",
    StepKind.PRACTICE: "Practice",
    StepKind.TEST: "Blind test",
    StepKind.RETEST_DAYS: "Blind retest after days",
    StepKind.RETEST_MONTHS: "Blind retest after months",
    StepKind.REST: "A pause",
    StepKind.DONE: "All done",
}
WHY = {
    StepKind.BASELINE: "Why: only a start that was measured can show later that practice helped.",
    StepKind.PRACTICE: "Why: what you ask for stays; a screen that always helps is soon leant on.",
    StepKind.TEST: "Why: only what the hand can do without the screen has been learnt.",
    StepKind.RETEST_DAYS: "Why: some of it fades within days. Asked again, it shows what has stayed.",
    StepKind.RETEST_MONTHS: "Why: in a study, what a screen had taught was gone after three months. And yours?",
    StepKind.REST: "Why: pauses are part of it. Free practice is always possible.",
    StepKind.DONE: "Free practice is always possible.",
}
"""Why a step is there. Self-controlled feedback: JOSPT 2012;42:114. Fading: Snodgrass and Odelli 2012, Physiotherapy
98:47. The wording is ours."""
PURPOSES = {
    Purpose.BASELINE: "baseline",
    Purpose.PRACTICE: "practice",
    Purpose.TEST: "test",
    Purpose.RETEST_DAYS: "retest, days",
    Purpose.RETEST_MONTHS: "retest, months",
    Purpose.FREE: "free",
}
SCREEN = {
    FeedbackMode.ALWAYS: "always: the pressure is on the screen",
    FeedbackMode.ON_DEMAND: "on demand: for two seconds when you ask",
    FeedbackMode.AFTER: "afterwards: when the attempt is over",
    FeedbackMode.NONE: "none: blind, you say what you think it was",
}
CHANGES = {
    Verdict.BETTER: "better",
    Verdict.WORSE: "faded",
    Verdict.NO_CLEAR_CHANGE: "no clear change",
    Verdict.TOO_FEW: "too few blind",
}
"""Blind now against blind at the beginning, in a word or three."""
LEVELS = {
    Level.NEW: "○○○○",
    Level.BEGUN: "●○○○",
    Level.PASSED: "●●○○",
    Level.COMPETENT: "●●●○",
    Level.KEPT: "●●●●",
}
"""A sign beside the word: how many of the four steps up are taken."""


def level_text(level: Level, *, plain: bool = False) -> str:
    """Sign and word of a level; `plain` for terminals with seven-bit characters only."""
    sign = LEVELS[level]
    return f"{sign.replace('●', '#').replace('○', '.') if plain else sign} {level.value}"


def asked_text(drill: Drill, unit: PressureUnit, tip_area_cm2: float) -> str:
    """What a drill asks, in one short line: targets, times, tolerance.

    Args:
        drill: the exercise.
        unit: of the user.
        tip_area_cm2: of the tip, above 0; it makes pressures of forces.
    """

    def text(amount: Amount) -> str:
        return unit.text(amount.kpa(tip_area_cm2), unit=False)

    def several(amounts: Sequence[Amount]) -> str:
        values = sorted(amount.kpa(tip_area_cm2) for amount in amounts)
        low, high = unit.text(values[0], unit=False), unit.text(values[-1], unit=False)
        return f"{low if low == high else f'{low} to {high}'} {unit.label}"

    settings = drill.settings
    match settings:
        case Hold():
            asked = f"{several(settings.targets)} for {settings.hold_s:g} s"
        case Ramp():
            asked = f"{text(settings.rate)} {unit.label} a second, up to {text(settings.target)}"
        case Steps():
            levels = " – ".join(text(level) for level in settings.levels)
            asked = f"{levels} {unit.label}, {settings.hold_s:g} s each"
        case Wave():
            asked = f"{text(settings.middle)} ± {text(settings.swing)} {unit.label}, a wave of {settings.period_s:g} s"
        case Points():
            asked = f"{several([amount for _, amount in settings.points])}, a line of your own"
        case Reproduce():
            asked = f"{several(settings.targets)}, then the same again"
        case Contrast():
            asked = f"{several(settings.targets)}, then {100 * settings.more_share:g} % more"
        case Threshold():
            asked = f"{text(settings.rate)} {unit.label} a second until “there”, client: {settings.client}"
        case Release():
            asked = f"good pain for {settings.hold_s:g} s, client: {settings.client}"
        case _:
            asked = f"{text(settings.low)} and {text(settings.high)} {unit.label}, up and down {settings.times} times"
    return asked


def targets_text(drill: Drill, unit: PressureUnit, tip_area_cm2: float) -> str:
    """The pressures or the rate of a drill as numbers, for a column whose head names the unit."""

    def text(*amounts: Amount) -> str:
        values = sorted(amount.kpa(tip_area_cm2) for amount in amounts)
        low, high = unit.text(values[0], unit=False), unit.text(values[-1], unit=False)
        return low if low == high else f"{low} – {high}"

    settings = drill.settings
    match settings:
        case Hold() | Reproduce() | Contrast():
            return text(*settings.targets)
        case Ramp() | Threshold():
            return f"{text(settings.rate)} /s"
        case Steps():
            return text(*settings.levels)
        case Wave():
            return f"{text(settings.middle)} ± {text(settings.swing)}"
        case Points():
            return text(*(amount for _, amount in settings.points))
        case Release():
            return "the client’s"
        case _:
            return text(settings.low, settings.high)


def tolerance_text(drill: Drill) -> str:
    """What counts as inside, for example `± 10 % for 75 % of the time`."""
    if drill.kind is DrillKind.RELEASE:
        return f"in good pain for {100 * drill.time_share:.0f} % of the time"
    share = f"± {100 * drill.tolerance_share:g} %"
    if drill.judged is Judged.TIME:
        return f"{share} for {100 * drill.time_share:.0f} % of the time"
    return f"{share} of the rate" if drill.judged is Judged.RATE else f"{share} on the whole"


def titled(sentence: str, drills: dict[str, Drill]) -> str:
    """A sentence of the curriculum with the titles of drills in place of their names."""
    for name in sorted(drills, key=len, reverse=True):
        sentence = sentence.replace(f" {name}", f" {drills[name].title}")
    return sentence


def counted(number: int, one: str, many: str = "") -> str:
    """`1 attempt`, `5 attempts`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
