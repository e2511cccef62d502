"""An attempt in the trainee's words and unit: what is asked, what the hand should do, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import TYPE_CHECKING

from feedback.drills import (
    MEANINGS,
    Aim,
    Dimension,
    DrillKind,
    FeedbackMode,
    Purpose,
    ScoreKey,
    Stage,
)
from feedback.drills.attempt_view import client_ends
from feedback.drills.drill import Judged
from feedback.drills.stages import needed_of

if TYPE_CHECKING:
    from feedback.drills import AttemptRecord, AttemptScores, AttemptView, Task
    from feedback.units import PressureUnit

FRESH_S = 3.0
"""A word of the client stands out for so long."""
EARLIER = 10
"""Earlier attempts that one is compared with."""
NARROWED = "–"

FEEDBACK_TEXTS = {
    FeedbackMode.ALWAYS: "pressure shown",
    FeedbackMode.ON_DEMAND: "pressure when you ask",
    FeedbackMode.AFTER: "pressure shown afterwards",
    FeedbackMode.NONE: "blind",
}


@dataclass(frozen=True, slots=True)
class Word:
    """What a panel shows.

    Attributes:
        text: what to do, up to 24 characters.
        detail: one line at the panel's edge.
        aim: how the pressure stands, where it may be seen.
        alarm: it must be let go at once.
        still: nothing is asked of the hand: no signal, over.
    """

    text: str
    detail: str = ""
    aim: Aim | None = None
    alarm: bool = False
    still: bool = False

    @property
    def style(self) -> str:
        """Name of its colours (`word-panel--…`)."""
        if self.alarm:
            return "stop"
        if self.still:
            return "stale"
        return {Aim.LIGHT: "below", Aim.INSIDE: "in-band", Aim.HEAVY: "above", None: "idle"}[self.aim]


def asked(task: Task, unit: PressureUnit) -> tuple[str, str]:
    """What is asked, as a number to be shown large and what it is: `("2.00", "kg/cm² asked, ±10 %")`."""
    tolerance = f"±{100 * task.tolerance_share:.0f} %"
    if task.drill.judged is Judged.RATE and task.rate_kpa_per_s:
        rate = unit.text(task.rate_kpa_per_s, unit=False)
        return rate, f"{unit.label} a second asked, {tolerance}"
    if task.target_kpa is not None:
        return unit.text(task.target_kpa, unit=False), f"{unit.label} asked, {tolerance}"
    if task.drill.kind is DrillKind.RELEASE:
        return "", "find what the client calls good"
    return "", "a pressure of your own choice, then the same again"


def asked_now(task: Task, view: AttemptView, unit: PressureUnit) -> tuple[str, str]:
    """The same while it runs: of several levels the one that is due now."""
    number, what = asked(task, unit)
    if task.drill.judged is Judged.RATE or task.target_kpa is None:
        return number, what
    piece = task.trajectory.piece_at(view.elapsed_s)
    if view.stage is Stage.RUNNING and piece.part and piece.hidden:
        return "", "measured against your first press"
    if view.target_kpa is not None and view.stage in (Stage.GET_SET, Stage.RUNNING):
        number = unit.text(view.target_kpa, unit=False)
    return number, what


def word_of(task: Task, view: AttemptView) -> Word:
    """What the hand should do now, and where the pressure may be seen, how it stands."""
    if view.void is not None:
        return Word("let go", view.void.value, alarm=True)
    if view.stage in (Stage.ENDED, Stage.ESTIMATE):
        return Word("let go", "", still=False)
    if view.stage is Stage.RUNNING and client_ends(task, view.heard):
        return Word("let go", f"the client said “{view.heard[-1].words}”")
    aim = view.aim if view.stage is Stage.RUNNING else None
    if aim is not None and aim is not Aim.INSIDE:
        by_rate = task.drill.judged is Judged.RATE
        words = _SPEEDS if by_rate else _WAYS
        return Word(words[aim], aim=aim)
    do = _held(view.do) if aim else view.do
    large, _, small = _PARTED.get(do, do).partition("/")
    return Word(large, small, aim=aim)


_WAYS = {Aim.LIGHT: "press", Aim.HEAVY: "ease off"}
_SPEEDS = {Aim.LIGHT: "faster", Aim.HEAVY: "slower"}
_PARTED = {
    "touch lightly": "touch/lightly",
    "press steadily": "press/steadily",
    "press until “there”": "press/until “there”",
    "find good pain": "find/good pain",
    "keep good pain": "keep/good pain",
    "the same again": "same again",
    "a little more": "more/a little",
    "keep it there": "keep/it there",
}
"""What is to be done, parted into what is read from across the room and what is added to it."""


def _held(do: str) -> str:
    """Inside the tolerance the hand is there already, also where the way still leads."""
    return "hold" if do in ("press", "ease off") else do


def place_of(purpose: Purpose, done: int, of: int, feedback: FeedbackMode) -> str:
    """Where in the curriculum an attempt is: `blind test, attempt 2 of 5`."""
    what = {
        Purpose.BASELINE: "blind baseline",
        Purpose.TEST: "blind test",
        Purpose.RETEST_DAYS: "blind retest after days",
        Purpose.RETEST_MONTHS: "blind retest after months",
        Purpose.PRACTICE: f"practice, {FEEDBACK_TEXTS[feedback]}",
        Purpose.FREE: f"free attempt, {FEEDBACK_TEXTS[feedback]}",
    }[purpose]
    return f"{what}, attempt {done + 1} of {of}" if of else what


def hint_of(view: AttemptView, task: Task) -> str:
    """One line on what to do and what will be seen."""
    match view.stage:
        case Stage.WAITING:
            return "Touch lightly and stay there: it begins by itself."
        case Stage.GET_SET:
            return "Stay light until the word changes."
        case Stage.RUNNING if view.can_look:
            times = {0: "", 1: " Looked once."}.get(view.looks, f" Looked {view.looks} times.")
            return f"Space or Enter shows your pressure for two seconds.{times}"
        case Stage.RUNNING if task.blind:
            return "Blind: you see what is asked and the time, nothing of what you press."
        case Stage.RUNNING if view.hidden and task.feedback is FeedbackMode.AFTER:
            return "You see what you pressed when it is over."
        case Stage.RUNNING if view.hidden:
            return "This part is pressed without seeing."
        case Stage.RUNNING if view.shown is not None and view.shown.inside_share is not None:
            return f"Inside {100 * view.shown.inside_share:.0f} % of the time that counts."
        case _:
            return ""


def heard_text(view: AttemptView) -> tuple[str, bool]:
    """What the simulated client said last, and whether it was just now; empty before the first word."""
    if not view.heard:
        return "", False
    last = view.heard[-1]
    ago_s = max(view.now_s - last.time_s, 0.0)
    fresh = ago_s < FRESH_S
    return f"Client: “{last.words}”" + ("" if fresh else f", {ago_s:.0f} s ago"), fresh


# -- afterwards ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score of an attempt for people.

    Attributes:
        title: of the score.
        value: in the user's unit, seconds or a share.
        newtons: the same as a force under the tip; empty where it is none.
        pct: in % of what `of` says; empty where undefined.
        of: what the per cent are of.
        before: mean of the trainee's earlier attempts, in the same measure as `pct` (or `value`); empty without any.
        meaning: one line.
        definition: how it is computed.
    """

    title: str
    value: str
    newtons: str
    pct: str
    of: str
    before: str
    meaning: str
    definition: str


def score_rows(
    scores: AttemptScores, earlier: Sequence[AttemptRecord], unit: PressureUnit
) -> tuple[ScoreRow, ...]:
    """The scores that have a value, each with what it means and what it was before."""
    rows: list[ScoreRow] = []
    for key, meaning in MEANINGS.items():
        score = scores[key]
        if score.value is None:
            continue
        sign = "+" if meaning.signed else ""
        newtons = pct = ""
        match meaning.dimension:
            case Dimension.PRESSURE | Dimension.RATE:
                per = _per(key)
                value = f"{_signed(unit.from_kpa(score.value), unit.decimals, sign)} {unit.label}{per}"
                newtons = "" if score.newtons is None else f"{_signed(score.newtons, 1, sign)} N{per}"
                pct = "" if score.pct is None else f"{_signed(score.pct, 0, sign)} %"
            case Dimension.TIME:
                value = f"{score.value:.1f} s"
            case Dimension.SHARE:
                value = pct = f"{100 * score.value:.0f} %"
        rows.append(
            ScoreRow(
                title=meaning.title,
                value="" if value == pct else value,
                newtons=newtons,
                pct=pct,
                of=meaning.of,
                before=_before(key, earlier),
                meaning=meaning.line,
                definition=meaning.definition,
            )
        )
    return tuple(rows)


def verdict_of(record: AttemptRecord) -> tuple[str, bool | None]:
    """Whether the attempt was inside, in words, and as yes, no or not to be told."""
    if record.void is not None:
        return "does not count", None
    if record.inside is None:
        return "could not be judged", None
    return ("inside" if record.inside else "not inside"), record.inside


def compared(record: AttemptRecord, earlier: Sequence[AttemptRecord]) -> str:
    """One sentence that holds an attempt against the trainee's own earlier ones, seen the same way; empty without any.

    Held together are the tolerances that they would have needed: one number for how good each was.
    """
    now = record.scores.needed_share if record.scores else None
    before = [
        a.scores.needed_share
        for a in alike(record, earlier)
        if a.scores and a.scores.needed_share is not None
    ]
    if now is None or (record.inside is False and now <= record.tolerance_share):
        return ""  # it was not for want of accuracy
    text = f"Within ±{_pct(now)}"
    how = "blind" if record.blind else "with the screen"
    match len(before):
        case 0:
            return f"{text}: your first {how}."
        case 1:
            return f"{text}; your one before, {how}: ±{_pct(before[0])}."
        case n:
            return f"{text}; your last {n} {how}: ±{_pct(median(before))}, the best ±{_pct(min(before))}."


def alike(record: AttemptRecord, earlier: Sequence[AttemptRecord]) -> list[AttemptRecord]:
    """The trainee's last earlier attempts at the drill that count and were seen, or not seen, like this one."""
    found = [
        a
        for a in earlier
        if a.counts
        and a.drill == record.drill
        and a.blind == record.blind
        and a.attempt_id != record.attempt_id
        and a.at <= record.at
    ]
    return sorted(found, key=lambda a: a.at)[-EARLIER:]


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One attempt of a block of blind ones: asked, pressed, how far off, inside or not, and the trainee's own word."""

    number: str
    asked: str
    pressed: str
    error: str
    inside: str
    estimate: str
    guess_error: str


def block_rows(records: Sequence[AttemptRecord], unit: PressureUnit) -> tuple[BlockRow, ...]:
    """The attempts of a block that count, in order."""
    rows: list[BlockRow] = []
    for i, record in enumerate((r for r in records if r.counts), 1):
        scores = record.scores
        assert scores is not None
        # What the trainee was asked about: of several levels the last, of a ramp the highest.
        truth, said = scores.felt_kpa, record.estimate_kpa
        guess = scores[ScoreKey.ESTIMATE].pct
        error = scores.error_pct
        target = record.target_kpa or scores.target_kpa
        rows.append(
            BlockRow(
                number=str(i),
                asked=NARROWED if target is None else unit.text(target, unit=False),
                pressed=NARROWED if truth is None else unit.text(truth, unit=False),
                error=NARROWED if error is None else f"{_signed(error, 0, '+')} %",
                inside={True: "inside", False: "not inside", None: NARROWED}[record.inside_as_asked],
                estimate=NARROWED if said is None else unit.text(said, unit=False),
                guess_error=NARROWED if guess is None else f"{_signed(guess, 0, '+')} %",
            )
        )
    return tuple(rows)


def block_verdict(records: Sequence[AttemptRecord], purpose: Purpose, of: int) -> tuple[str, bool | None]:
    """How a block came out, by the criterion, and as yes, no or nothing to pass."""
    counted = [r for r in records if r.counts]
    inside = sum(r.inside_as_asked is True for r in counted)
    text = f"{inside} of {len(counted)} inside"
    if purpose is Purpose.BASELINE:
        return f"{text}. This is where you start: nothing is to be passed here.", None
    if len(counted) < of:
        return f"{text}. {of - len(counted)} more to do before it can be judged.", None
    needed = needed_of(len(counted))
    passed = inside >= needed
    return f"{'Passed' if passed else 'Not passed yet'}: {text}, {needed} needed.", passed


CRITERION = "Passed is 4 of 5 blind inside the drill's own tolerance; competent, on two days."


def _per(key: ScoreKey) -> str:
    return {ScoreKey.SAG: "/min", ScoreKey.RATE: "/s"}.get(key, "")


def _signed(value: float, decimals: int, sign: str) -> str:
    text = f"{value:{sign}.{decimals}f}"
    return f"{0:.{decimals}f}" if not float(text) else text.replace("-", "−")


def _pct(share: float) -> str:
    return f"{100 * share:.0f} %"


def _before(key: ScoreKey, earlier: Sequence[AttemptRecord]) -> str:
    meaning = MEANINGS[key]
    scores = [a.scores[key] for a in earlier if a.scores]
    if meaning.dimension is Dimension.TIME:
        values = [s.value for s in scores if s.value is not None]
        return f"{fmean(values):.1f} s" if values else ""
    values = [s.pct for s in scores if s.pct is not None]
    return f"{_signed(fmean(values), 0, '+' if meaning.signed else '')} %" if values else ""
