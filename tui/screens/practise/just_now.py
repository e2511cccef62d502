"""What the attempts just made come to, in a few sentences for home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.drills import FeedbackMode, Purpose, level_of
from feedback.drills.advice import advice_of
from feedback.drills.blocks import block_of
from feedback.drills.progress import Verdict, change_of
from tui.screens.practise.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.drills import AttemptRecord, Drill, TrainingHistory

TESTED = (Purpose.TEST, Purpose.RETEST_DAYS, Purpose.RETEST_MONTHS)


def just_now_text(
    drill: Drill,
    purpose: Purpose,
    made: Sequence[AttemptRecord],
    before: TrainingHistory,
    now: TrainingHistory,
    *,
    hidden: bool = False,
) -> str:
    """What was done, whether it was passed, whether a level was reached or lost, one sentence of advice.

    Args:
        drill: that was attempted.
        purpose: what for.
        made: the attempts just made, void ones too.
        before: all that was kept before them.
        now: all that is kept with them.
        hidden: they belong to a blind block that goes on, of which nothing may be told.
    """
    counting = [record for record in made if record.counts]
    if not counting:
        reasons = dict.fromkeys(record.void.value for record in made if record.void is not None)
        kept = f"{drill.title}: {counted(len(made), 'attempt')} kept, none counts ({', '.join(reasons)})."
        return kept if made else ""
    if hidden:
        return (
            f"{drill.title}: {counted(len(counting), 'blind attempt')} kept. What you pressed is shown after the last "
            "one of the block."
        )
    blind = ", blind" if all(record.feedback is FeedbackMode.NONE for record in counting) else ""
    inside = sum(record.inside is True for record in counting)
    said = [f"{drill.title}: {counted(len(counting), 'attempt')}{blind}, {inside} inside."]
    if purpose in TESTED and (passed := block_of(counting).passed) is not None:
        said.append("Passed." if passed else "Not passed yet: 4 of 5 is the mark.")
    was, is_now = level_of(before, drill.name).level, level_of(now, drill.name).level
    if is_now is not was:
        said.append(f"Level: {is_now.value}.")
    change = change_of(now.of(drill.name))
    if purpose in TESTED and change.verdict is not Verdict.TOO_FEW:
        said.append(change.sentence)
    advice = advice_of(counting)
    if advice.findings:
        said.append(advice.sentence)
    return " ".join(said)
