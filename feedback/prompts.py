"""When to ask the client, and what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.coach import Asking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.press import PressNow
    from feedback.view import Heard

RATING_WORDS = "“From 0 to 10?”"
RATING = f"Ask: {RATING_WORDS}"
ASK_AFTER_S = 15.0
FIRST_ASK_AFTER_S = 3.0


def prompt_of(
    press: PressNow | None,
    heard: Sequence[Heard],
    ask: str,
    now_s: float,
    asking: Asking = Asking.ANYTHING,
    held_since_s: float | None = None,
) -> str:
    """What to ask now, or empty.

    Args:
        press: the press that is going on; nobody is asked between presses.
        heard: what was said at this point, oldest first.
        ask: a question that would teach the band most, or empty.
        now_s: now.
        asking: what the coach leaves room for.
        held_since_s: when the hold began that a rating is wanted of.
    """
    if press is None or asking is Asking.NOTHING:
        return ""
    if asking is Asking.RATING and held_since_s is not None:
        standing = (h.report for h in heard if not h.undone)
        if not any(r.rating is not None and r.time_s >= held_since_s for r in standing):
            return RATING if now_s - held_since_s >= FIRST_ASK_AFTER_S else ""
    if ask:
        return f"Ask: “{ask[:1].upper()}{ask[1:]}”"
    said_s = (h.report.time_s for h in reversed(heard) if not h.undone)
    last_s = next((s for s in said_s if s >= press.start_s), None)
    if last_s is None and press.elapsed_s >= FIRST_ASK_AFTER_S:
        return "Ask: “Too little, good, or too much?”"
    if last_s is not None and now_s - last_s >= ASK_AFTER_S:
        return f"Ask again: {RATING_WORDS} – last asked {now_s - last_s:.0f} s ago"
    return ""
