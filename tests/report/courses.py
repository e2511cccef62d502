"""Records of clients to report on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from feedback.care import Assessment, Factor, Finding, FindingKind, PainArea, Plan
from feedback.comfort import ReportKind
from feedback.history import open_history
from feedback.points import Point
from tests.review.past import LEFT, RIGHT, Pressed, learned, rating, visited

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = BEGIN + timedelta(days=36)
BLADE = Point("infraspinatus", "left", "below the scapular spine")
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;\"'{{ 7*7 }}"


def four_visits(path: Path) -> None:
    """A17: three points, thresholds that rise beyond error at one of them, pain, soreness, homework, a correction."""
    clock = [BEGIN]
    lower, upper, threshold = (150, 165, 190, 205), (260, 290, 360, 430), (210, 250, 330, 385)
    with open_history(path, now=lambda: clock[0]) as history:
        plan = Plan(
            4, 2, 6, ("Chin tucks, ten a day", "Walk for 20 minutes, daily"), "sleep through the night"
        )
        history.care.set_plan("A17", plan)
        for n, days in enumerate((0, 8, 19, 33)):
            clock[0] = BEGIN + timedelta(days=days)
            band = learned(lower[n], upper[n], 45 - 8 * n)
            middle = (lower[n] + upper[n]) / 2
            eased = (rating(0.1, 6 - n // 2), rating(0.5, 5), rating(0.9, 3), (0.96, ReportKind.EASING, None))
            wandered = (
                (0.02, ReportKind.TOO_LITTLE, None),
                rating(0.1, 6),
                rating(0.9, 5),
                (0.97, ReportKind.TOO_MUCH, None),
            )
            presses = [
                Pressed(LEFT, thresholds_kpa=(threshold[n] - 8, threshold[n] + 10, threshold[n] - 2)),
                Pressed(LEFT, middle, 22, eased, band),
                Pressed(LEFT, middle + 10, 22, eased, band),
                Pressed(RIGHT, 260 + 5 * n, 18, (rating(0.1, 5), rating(0.9, 4)), learned(170, 320, 30)),
                Pressed(BLADE, 300, 30, wandered, learned(200, 330, 60)),
            ]
            session_id = visited(history, "A17", clock[0], presses, note="Bears more in the morning", seed=n)
            clock[0] += timedelta(minutes=40)
            told = Assessment(
                (PainArea("neck", "left", 6 - n, 7 - n), PainArea("head", "", max(0, 4 - n), 5)),
                (
                    Finding(FindingKind.TRIGGER_POINT, "shoulder", "taut band", LEFT, "the temple", "left"),
                    Finding(FindingKind.POSTURE, "", "head forward"),
                ),
                (Factor("stress", "an exam in June"),),
            )
            history.care.assess("A17", told, session_id)
            clock[0] += timedelta(days=1)
            history.care.add_soreness("A17", (4, 3, 3, 1)[n])


def long_course(path: Path, visits: int) -> None:
    """L60: one point at many visits, a week apart, hardly sore after any; short presses at the last."""
    with open_history(path, now=lambda: BEGIN) as history:
        for n in range(visits):
            band = learned(150 + n, 280 + 2 * n)
            presses = [Pressed(LEFT, 200 + n, 4, (rating(0.2, 6), rating(0.8, 4)), band)]
            if n == visits - 1:
                presses += [Pressed(LEFT, 260, 0.1, (rating(0.5, 10),), band)] * 3
            session_id = visited(history, "L60", BEGIN + timedelta(days=7 * n), presses, seed=n)
            if n < 12:
                history.care.add_soreness("L60", n // 8, session_id=session_id)


def nasty(path: Path) -> None:
    """A client of whom everything that can be typed was typed to do harm."""
    code = NASTY[:40]
    with open_history(path, now=lambda: BEGIN) as history:
        history.care.set_plan(code, Plan(2, 1, 2, (NASTY,), NASTY))
        point = Point("upper trapezius", "left", NASTY)
        said = (rating(0.2, 6), rating(0.8, 4))
        ids = [
            visited(
                history, code, BEGIN + timedelta(days=7 * n), [Pressed(point, 250, 5, said, learned(150, 300))],
                note=NASTY, therapist=NASTY[:40], applicator="probe",
            )
            for n in range(2)
        ]  # fmt: skip
        told = Assessment(
            (PainArea(NASTY, "left", 5, 6, NASTY),),
            (Finding(FindingKind.POSTURE, NASTY, NASTY, point, NASTY),),
            (Factor(NASTY, NASTY),),
            NASTY,
        )
        history.care.assess(code, told, ids[-1])
        history.review.void_press(history.session(ids[0]).presses[0].id, reason=NASTY)
