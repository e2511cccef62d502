"""What the client says with a hand: two buttons or a dial on the sensor, on the clock of the force."""

from __future__ import annotations

from feedback.comfort import Report, ReportKind
from feedback.signal import Notice, NoticeKind

BUTTONS = {0: ReportKind.TOO_MUCH, 1: ReportKind.TOO_MUCH, 2: ReportKind.TOO_LITTLE}
"""By `Notice.value`. A sensor with one button has button 1; firmware that does not count its buttons sends 0."""
DIAL_AT_0 = 100
"""A dial that rests at a position from 0 to 10 has this more as its value."""


def report_of(notice: Notice) -> Report | None:
    """What a notice means in the client's words; None when it is no press, or of a button with no meaning."""
    if notice.kind is not NoticeKind.BUTTON_PRESSED:
        return None
    if notice.value in BUTTONS:
        return Report(BUTTONS[notice.value], notice.time_s, source="client")
    rating = notice.value - DIAL_AT_0
    return Report(ReportKind.RATING, notice.time_s, rating, "client") if 0 <= rating <= 10 else None
