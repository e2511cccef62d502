"""Between the sheets of a visit and the record: what a sheet shows is read here, what it gives is kept here."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from feedback.care import CareError, hands_of
from feedback.history import HistoryError
from tui.raster import Glyphs
from tui.screens.visit.assessment import AssessmentScreen
from tui.screens.visit.check import CheckScreen, reminder_of
from tui.screens.visit.hands import AfterCard, HandsScreen
from tui.screens.visit.plan import PlanScreen
from tui.screens.visit.soreness import SorenessScreen
from tui.screens.visit.technique import TechniqueScreen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from textual.app import App

    from feedback.care import Assessment, CheckAnswer, HandsNow, Plan, VisitOpening
    from feedback.points import Point
    from tui.live_loop import LiveLoop
    from tui.opening import Studio
    from tui.screens.visit.hands import AfterAnswer
    from tui.screens.visit.soreness import SorenessTold


class CareDesk:
    """One client's sheets.

    Args:
        app: shows the sheets, and sentences about what could not be kept.
        studio: the open record and all lists.
        client_code: whose.
        loop: the session that goes on behind, or None before it began.
    """

    def __init__(
        self, app: App[None], studio: Studio, client_code: str, loop: LiveLoop | None = None
    ) -> None:
        self._app = app
        self._studio = studio
        self._code = client_code
        self._loop = loop
        self._unit = studio.settings.unit

    @property
    def session_id(self) -> UUID | None:
        """Of the session that goes on."""
        running = self._studio.running
        return running.journal.id if running is not None and self._loop is not None else None

    def opening(self) -> VisitOpening | None:
        """What the record knows of the client; None when it cannot be read, which is said."""
        with self._told():
            return self._studio.history.care.opening(self._code, datetime.now(UTC), self._studio.shelf.rules)
        return None

    def hands(self) -> HandsNow:
        """Of the session that goes on."""
        assert self._loop is not None
        assert self._studio.running is not None
        now_s = self._loop.view().now_s
        return hands_of(
            self._loop.presses, self._studio.running.start_s, now_s, self._studio.shelf.rules.hands
        )

    # Sheets, each with what it shows and what becomes of what it gives.

    def open_check(self) -> None:
        """The check, kept with the session."""

        def keep(answers: Sequence[CheckAnswer] | None) -> None:
            if answers is not None:
                self.keep_check(answers)

        self._app.push_screen(self.check_screen(self.opening()), keep)

    def check_screen(self, opening: VisitOpening | None) -> CheckScreen:
        """The questions with the last answers."""
        last, last_at = (opening.last_check, opening.last_check_at) if opening else ((), None)
        return CheckScreen(self._studio.shelf.checks, last, last_at, self._loop, self._unit)

    def keep_check(self, answers: Sequence[CheckAnswer]) -> None:
        """Keep the answers, and what they ask to keep in mind."""
        self._studio.reminder = reminder_of(answers)
        with self._told("Check kept"):
            self._studio.history.care.check(self._code, answers, self.session_id)

    def open_assessment(self) -> None:
        """The assessment."""
        opening = self.opening()

        def keep(assessment: Assessment | None) -> None:
            if assessment is not None and not assessment.empty:
                with self._told("Assessment kept"):
                    self._studio.history.care.assess(self._code, assessment, self.session_id)

        self._app.push_screen(
            AssessmentScreen(
                self._studio.shelf.atlas,
                Glyphs(self._studio.settings.glyphs),
                self._points(),
                opening.last_assessment if opening else None,
                opening.last_assessment_at if opening else None,
                self._loop,
                self._unit,
            ),
            keep,
        )

    def open_plan(self) -> None:
        """The plan."""
        opening = self.opening()
        if opening is None:
            return

        def keep(plan: Plan | None) -> None:
            # A default plan that is agreed to becomes the client's own.
            if plan is not None and (plan != opening.plan or not opening.plan_set):
                self.keep_plan(plan)

        self._app.push_screen(PlanScreen(opening, self._loop, self._unit), keep)

    def keep_plan(self, plan: Plan) -> None:
        """Keep a plan."""
        with self._told("Plan kept"):
            self._studio.history.care.set_plan(self._code, plan)

    def open_soreness(self) -> None:
        """Soreness after the last visit."""
        opening = self.opening()
        if opening is None:
            return
        last = opening.soreness_due or opening.last_visit
        if last is not None and self.session_id in last.session_ids:
            last = None

        def keep(told: SorenessTold | None) -> None:
            if told is not None:
                self.keep_soreness(told.rating, last.session_id if last else None, told.note)

        screen = SorenessScreen(last, opening.soreness, datetime.now(UTC), self._loop, self._unit)
        self._app.push_screen(screen, keep)

    def keep_soreness(self, rating: int, session_id: UUID | None, note: str = "") -> None:
        """Keep how sore the client was."""
        with self._told("Soreness kept"):
            self._studio.history.care.add_soreness(self._code, rating, session_id=session_id, note=note)

    def open_technique(self) -> None:
        """Choose what is coached."""
        assert self._loop is not None
        self._app.push_screen(TechniqueScreen(self._studio, self._loop))

    def open_hands(self) -> None:
        """Look at the hands."""
        self._app.push_screen(HandsScreen(self.hands(), self._loop, self._unit))

    def after_card(self) -> AfterCard:
        """The card at the end."""
        return AfterCard(self.hands(), self.opening(), self._loop, self._unit)

    def keep_after(self, answer: AfterAnswer) -> None:
        """Keep what was filled in at the end."""
        if answer.note and self._loop is not None:
            self._loop.note(answer.note)
        if answer.homework and (opening := self.opening()):
            self.keep_plan(replace(opening.plan, homework=(*opening.plan.homework, answer.homework)))

    def _points(self) -> list[Point]:
        with self._told():
            return [summary.point for summary in self._studio.history.points(self._code)]
        return []

    @contextmanager
    def _told(self, kept: str = "") -> Iterator[None]:
        """Say what was kept, or why it was not; the session goes on either way."""
        try:
            yield
        except (HistoryError, CareError) as error:
            self._app.notify(f"Not kept: {error}", severity="error", timeout=10)
        else:
            if kept:
                self._app.notify(kept, timeout=3)
