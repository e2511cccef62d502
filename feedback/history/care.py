"""The course of care in the record: checks, assessments, plans and soreness, and what the visits come to.

Nothing is overwritten: whoever corrects something enters it again, and the newest entry counts. Reached as
`History.care`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from feedback.care import (
    Assessment,
    CareRules,
    CheckAnswer,
    CheckLevel,
    Factor,
    HandsRule,
    PainArea,
    Plan,
    ResponseRule,
    Soreness,
    VisitFigures,
    VisitOpening,
    response_of,
    soreness_after_dose,
    soreness_due,
    visits_of_course,
    where_in_plan,
)
from feedback.care.soreness import ASK_UNTIL
from feedback.history import queries
from feedback.history import tables as t
from feedback.history.care_records import StoredAssessment, StoredCheck, StoredPlan
from feedback.history.care_rows import (
    finding_of,
    finding_values,
    insert_parts,
    of_client,
    pain_values,
    parts_of,
)
from feedback.history.errors import BadEntryError
from feedback.history.newest import later_at
from feedback.history.records import check_code
from feedback.history.samples import read_samples
from feedback.history.summaries import session_summaries
from feedback.history.visits import visits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from feedback.history.database import Database
    from feedback.history.records import ClientRecord


class CareStore:
    """What the record knows of a client's care beside the presses. Every method may raise a `HistoryError`.

    Writing makes the client known when new; reading says nothing of a client nobody knows.
    """

    def __init__(
        self, database: Database, now: Callable[[], datetime], client: Callable[[str], ClientRecord]
    ) -> None:
        self._database = database
        self._now = now
        self._client = client

    def check(
        self, client_code: str, answers: Sequence[CheckAnswer], session_id: UUID | None = None
    ) -> UUID | None:
        """Keep the answers of a check, a no as well as a yes; returns its id, or None when there are no answers."""
        client = self._client(client_code)
        if not answers:
            return None
        check_id = uuid4()
        with self._database.writing() as connection:
            at = later_at(connection, t.check_answer, "client_id", client.id, self._now())
            connection.execute(
                t.check_answer.insert(),
                [
                    {
                        "id": uuid4(),
                        "client_id": client.id,
                        "session_id": session_id,
                        "check_id": check_id,
                        "seq": seq,
                        "at": at,
                        "key": answer.key,
                        "question": answer.question,
                        "yes": bool(answer.yes),
                        "means": answer.means,
                        "level": answer.level.value,
                        "note": answer.note,
                    }
                    for seq, answer in enumerate(answers)
                ],
            )
        return check_id

    def last_check(self, client_code: str) -> StoredCheck | None:
        """The newest check; None when the client was never asked."""
        found = self.checks(client_code)
        return found[-1] if found else None

    def checks(self, client_code: str) -> list[StoredCheck]:
        """All checks, oldest first."""
        grouped: dict[UUID, list[Any]] = {}
        for row in self._rows(t.check_answer, client_code, t.check_answer.c.at, t.check_answer.c.seq):
            grouped.setdefault(row.check_id, []).append(row)
        return [
            StoredCheck(
                check_id,
                rows[0].at,
                rows[0].session_id,
                tuple(
                    CheckAnswer(r.key, r.question, r.yes, r.means, r.note, CheckLevel(r.level)) for r in rows
                ),
            )
            for check_id, rows in grouped.items()
        ]

    def assess(self, client_code: str, assessment: Assessment, session_id: UUID | None = None) -> UUID:
        """Keep an assessment; of several at one visit the newest counts. Returns its id."""
        client = self._client(client_code)
        assessment_id = uuid4()
        with self._database.writing() as connection:
            at = later_at(connection, t.assessment, "client_id", client.id, self._now())
            connection.execute(
                t.assessment.insert(),
                [
                    {
                        "id": assessment_id,
                        "client_id": client.id,
                        "session_id": session_id,
                        "at": at,
                        "note": assessment.note,
                    }
                ],
            )
            for table, rows in (
                (t.pain_area, map(pain_values, assessment.areas)),
                (t.finding, map(finding_values, assessment.findings)),
                (t.factor, ({"name": f.name, "note": f.note} for f in assessment.factors)),
            ):
                insert_parts(connection, table, "assessment_id", assessment_id, rows)
        return assessment_id

    def assessments(self, client_code: str) -> list[StoredAssessment]:
        """All assessments, oldest first."""
        with self._database.reading() as connection:
            client = queries.find_client(connection, check_code(client_code))
            if client is None:
                return []
            rows = of_client(connection, t.assessment, client.id, t.assessment.c.at)
            areas, findings, factors = (
                parts_of(connection, table, table.c.assessment_id, [row.id for row in rows])
                for table in (t.pain_area, t.finding, t.factor)
            )
        return [
            StoredAssessment(
                row.id,
                row.at,
                row.session_id,
                Assessment(
                    tuple(
                        PainArea(r.area, r.side, r.rating_now, r.rating_usual, r.note)
                        for r in areas.get(row.id, [])
                    ),
                    tuple(map(finding_of, findings.get(row.id, []))),
                    tuple(Factor(r.name, r.note) for r in factors.get(row.id, [])),
                    row.note,
                ),
            )
            for row in rows
        ]

    def set_plan(self, client_code: str, plan: Plan, *, new_course: bool = False) -> UUID:
        """Put a plan in force; returns its id.

        A change of the plan does not begin the course anew: where `plan.begun` is None, that of the plan before is
        kept. With `new_course` the course begins now.
        """
        client = self._client(client_code)
        plan_id = uuid4()
        with self._database.writing() as connection:
            at = later_at(connection, t.plan, "client_id", client.id, self._now())
            before = of_client(connection, t.plan, client.id, t.plan.c.at)
            begun = at if new_course else plan.begun or (before[-1].begun_at if before else None)
            connection.execute(
                t.plan.insert(),
                [
                    {
                        "id": plan_id,
                        "client_id": client.id,
                        "at": at,
                        "visits": plan.visits,
                        "weeks_min": plan.weeks_min,
                        "weeks_max": plan.weeks_max,
                        "goal": plan.goal,
                        "begun_at": begun,
                    }
                ],
            )
            insert_parts(connection, t.homework, "plan_id", plan_id, ({"text": h} for h in plan.homework))
        return plan_id

    def plan(self, client_code: str) -> Plan | None:
        """The plan in force; None when none was agreed."""
        found = self.plans(client_code)
        return found[-1].plan if found else None

    def plans(self, client_code: str) -> list[StoredPlan]:
        """All plans, oldest first."""
        with self._database.reading() as connection:
            client = queries.find_client(connection, check_code(client_code))
            if client is None:
                return []
            rows = of_client(connection, t.plan, client.id, t.plan.c.at)
            homework = parts_of(connection, t.homework, t.homework.c.plan_id, [row.id for row in rows])
        return [
            StoredPlan(
                row.id,
                row.at,
                Plan(
                    row.visits,
                    row.weeks_min,
                    row.weeks_max,
                    tuple(line.text for line in homework.get(row.id, [])),
                    row.goal,
                    row.begun_at,
                ),
            )
            for row in rows
        ]

    def add_soreness(
        self, client_code: str, rating: int, *, session_id: UUID | None = None, note: str = ""
    ) -> Soreness:
        """Keep how sore the client was after a visit.

        Args:
            client_code: whose.
            rating: 0 to 10.
            session_id: after which session; None for the last visit at which something was pressed, if that has
                ended and is no longer than four weeks ago.
            note: free text.

        Raises:
            CareError: the rating is none.
            BadEntryError: the session is not one of this client.
        """
        told = Soreness(rating, self._now(), session_id, None, note)
        client = self._client(client_code)
        visits = self.visits(client_code)
        if session_id is None:
            ended = [v for v in visits if v.pressed and not v.running and v.at <= told.at]
            visit = ended[-1] if ended and told.at - ended[-1].ended_at <= ASK_UNTIL else None
        else:
            visit = next((v for v in visits if session_id in v.session_ids), None)
            if visit is None:
                raise BadEntryError(
                    f"{client.code} has no visit with the session {session_id}: see their visits"
                )
        if visit is not None:
            hours = max(0.0, (told.at - visit.ended_at).total_seconds() / 3600)
            told = replace(told, session_id=session_id or visit.session_id, hours_after=hours)
        with self._database.writing() as connection:
            told = replace(told, at=later_at(connection, t.soreness, "client_id", client.id, told.at))
            connection.execute(
                t.soreness.insert(),
                [
                    {
                        "id": uuid4(),
                        "client_id": client.id,
                        "session_id": told.session_id,
                        "at": told.at,
                        "rating": told.rating,
                        "hours_after": told.hours_after,
                        "note": told.note,
                    }
                ],
            )
        return told

    def sorenesses(self, client_code: str) -> list[Soreness]:
        """All that was told, oldest first."""
        return [
            Soreness(row.rating, row.at, row.session_id, row.hours_after, row.note)
            for row in self._rows(t.soreness, client_code, t.soreness.c.at)
        ]

    def visits(
        self, client_code: str, rule: HandsRule | None = None, hands_for: int = 0
    ) -> list[VisitFigures]:
        """All visits, oldest first, with the hands of the last `hands_for`; see `feedback.history.visits`."""
        with self._database.reading() as connection:
            sessions = session_summaries(connection, check_code(client_code))
        assessed = [(a.at, a.session_id, a.assessment.areas) for a in self.assessments(client_code)]
        return visits_of(sessions, assessed, partial(read_samples, self._database), rule, hands_for)

    def opening(
        self,
        client_code: str,
        now: datetime,
        rules: CareRules | None = None,
        hands_for: int = 0,
        visits: Sequence[VisitFigures] | None = None,
    ) -> VisitOpening:
        """Everything an opening card shows; for a client nobody knows, what is shown of a new one.

        Args:
            client_code: whose.
            now: the time of day, aware.
            rules: the plan offered to a new client, what counts as a response, when a hand is tired.
            hands_for: look at the hands of so many of the last visits too; it takes time.
            visits: all of the client's, oldest first, where they were worked out already.
        """
        rules = rules or CareRules(Plan(), ResponseRule(), HandsRule())
        client_code = check_code(client_code)
        if visits is None:
            visits = self.visits(client_code, rules.hands, hands_for)
        pressed = [visit for visit in visits if visit.pressed]
        told = self.sorenesses(client_code)
        own = self.plan(client_code)
        plan = own or rules.plan
        course = visits_of_course(plan, [visit.at for visit in pressed], now)
        # What was told since the last visit of the course before belongs to this one.
        before = [visit.at for visit in pressed if visit.at not in course and visit.at <= now]
        since = before[-1] if before else None
        assessments = self.assessments(client_code)
        check = self.last_check(client_code)
        return VisitOpening(
            client_code=client_code,
            plan=plan,
            plan_set=own is not None,
            plan_now=where_in_plan(plan, course, now),
            last_visit=pressed[-1] if pressed else None,
            soreness_due=soreness_due(visits, told, now),
            soreness=soreness_after_dose(visits, told),
            response=response_of([v for v in visits if since is None or v.at > since], rules.response),
            last_assessment=assessments[-1].assessment if assessments else None,
            last_assessment_at=assessments[-1].at if assessments else None,
            last_check=check.answers if check else (),
            last_check_at=check.at if check else None,
            visits=tuple(visits),
        )

    def looking_back(
        self, client_code: str, now: datetime, rules: CareRules | None = None, hands_for: int = 0
    ) -> tuple[VisitOpening, datetime | None]:
        """What there is to look back on: the course that is under way, or else the last one.

        Args:
            client_code: whose.
            now: the time of day, aware.
            rules: as in `opening`.
            hands_for: as in `opening`.

        Returns:
            the course, and the day of its last visit when the next one begins another; None when it goes on.
        """
        opening = self.opening(client_code, now, rules, hands_for)
        pressed = [visit for visit in opening.visits if visit.pressed and visit.at <= now]
        if opening.plan_now.done or not pressed:
            return opening, None
        over_at = max(visit.ended_at for visit in pressed)
        last = self.opening(client_code, over_at, rules, visits=opening.visits)
        return replace(last, soreness_due=opening.soreness_due), over_at

    def _rows(self, table: sa.Table, client_code: str, *order: sa.ColumnElement[Any]) -> Sequence[Any]:
        with self._database.reading() as connection:
            client = queries.find_client(connection, check_code(client_code))
            return of_client(connection, table, client.id, *order) if client else []
