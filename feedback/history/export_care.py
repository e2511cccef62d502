"""Tables of an export: the course of care. One row an answer, an area, a finding, a line of homework."""

from __future__ import annotations

import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.export_spec import Cell, Spec, client_cell, kept, told
from feedback.history.export_types import Kind

_SESSION = ("sessions", "session_id")
_CLIENT = {"client_id": ("clients", "client_id")}
_OF_ASSESSMENT = {"assessment_id": ("assessments", "assessment_id")}


def care_tables() -> list[Spec]:
    """In an order in which what is referred to comes first."""
    return [_checks(), _assessments(), _pain(), _findings(), _factors(), _plans(), _homework(), _soreness()]


def _of_client(table: sa.Table) -> tuple[Cell, Cell]:
    return kept("client_id", table.c.client_id, "Whose it is."), client_cell()


def _session(table: sa.Table, says: str) -> Cell:
    return kept("session_id", table.c.session_id, says)


def _checks() -> Spec:
    c = t.check_answer.c
    return Spec(
        "checks",
        "An answer of the check before a session.",
        t.check_answer,
        (
            kept("answer_id", c.id, "Its id."),
            kept("check_id", c.check_id, "Answers with the same were given together."),
            *_of_client(t.check_answer),
            _session(t.check_answer, "The session it was asked for; empty when there was none."),
            kept("at_utc", c.at, "When."),
            kept("number", c.seq, "Its place among them, from 0."),
            kept("key", c.key, "Name of the question."),
            kept("question", c.question, "The words that were read out."),
            kept("yes", c.yes, "The answer."),
            kept("level", c.level, "What a yes comes to."),
            kept("means", c.means, "What it means, in words."),
            kept("note", c.note, "A note."),
        ),
        t.check_answer.join(t.client),
        (c.at, c.check_id, c.seq, c.id),
        c.client_id,
        refers={**_CLIENT, "session_id": _SESSION},
    )


def _assessments() -> Spec:
    c = t.assessment.c

    def parts(table: sa.Table, says: str) -> Cell:
        of_this = table.c.assessment_id == c.id
        counted = sa.select(sa.func.count()).select_from(table).where(of_this).scalar_subquery()
        return told({"pain_area": "areas"}.get(table.name, f"{table.name}s"), Kind.WHOLE, counted, says)

    return Spec(
        "assessments",
        "What was told and found at a visit.",
        t.assessment,
        (
            kept("assessment_id", c.id, "Its id."),
            *_of_client(t.assessment),
            _session(t.assessment, "The session it belongs to; empty when there was none."),
            kept("at_utc", c.at, "When."),
            parts(t.pain_area, "Areas of pain."),
            parts(t.finding, "Findings."),
            parts(t.factor, "Factors."),
            kept("note", c.note, "A note."),
        ),
        t.assessment.join(t.client),
        (c.at, c.id),
        c.client_id,
        refers={**_CLIENT, "session_id": _SESSION},
    )


def _part(name: str, says: str, table: sa.Table, *cells: Cell) -> Spec:
    a = t.assessment.c
    return Spec(
        name,
        says,
        table,
        (
            kept(f"{table.name}_id", table.c.id, "Its id."),
            kept("assessment_id", table.c.assessment_id, "The assessment."),
            client_cell(),
            told("at_utc", Kind.TIME, a.at, "When."),
            kept("number", table.c.seq, "Its place in the assessment, from 0."),
            *cells,
        ),
        table.join(t.assessment).join(t.client),
        (a.at, a.id, table.c.seq, table.c.id),
        a.client_id,
        refers=_OF_ASSESSMENT,
    )


def _pain() -> Spec:
    c = t.pain_area.c
    return _part(
        "pain",
        "An area that hurts.",
        t.pain_area,
        kept("area", c.area, "Where."),
        kept("side", c.side, "Side."),
        kept("now_0_10", c.rating_now, "Now."),
        kept("usual_0_10", c.rating_usual, "Usually."),
        kept("note", c.note, "A note."),
    )


def _findings() -> Spec:
    c = t.finding.c
    return _part(
        "findings",
        "A finding: restriction, trigger point, posture, ….",
        t.finding,
        kept("kind", c.kind, "Of what kind."),
        kept("area", c.area, "Where."),
        kept("side", c.side, "Side."),
        kept("text", c.text, "What was found."),
        kept("muscle", c.point_muscle, "Muscle of the trigger point, if it is one."),
        kept("point_side", c.point_side, "Its side."),
        kept("label", c.point_label, "What tells it from others in the muscle."),
        kept("referred", c.referred, "Where it is felt."),
    )


def _factors() -> Spec:
    c = t.factor.c
    return _part(
        "factors",
        "What keeps the pain going.",
        t.factor,
        kept("factor", c.name, "Its name."),
        kept("note", c.note, "A note."),
    )


def _plans() -> Spec:
    c = t.plan.c
    return Spec(
        "plans",
        "What was agreed; the newest counts.",
        t.plan,
        (
            kept("plan_id", c.id, "Its id."),
            *_of_client(t.plan),
            kept("at_utc", c.at, "When."),
            kept("visits", c.visits, "Visits."),
            kept("weeks_min", c.weeks_min, "Over at least so many weeks."),
            kept("weeks_max", c.weeks_max, "And at most so many."),
            kept("goal", c.goal, "Goal, in the client's words."),
            kept("begun_utc", c.begun_at, "From when on visits count; empty for the first."),
        ),
        t.plan.join(t.client),
        (c.at, c.id),
        c.client_id,
        refers=_CLIENT,
    )


def _homework() -> Spec:
    c = t.homework.c
    return Spec(
        "homework",
        "A line of homework of a plan.",
        t.homework,
        (
            kept("homework_id", c.id, "Its id."),
            kept("plan_id", c.plan_id, "The plan."),
            client_cell(),
            told("at_utc", Kind.TIME, t.plan.c.at, "When it was agreed."),
            kept("number", c.seq, "Its place, from 0."),
            kept("homework", c.text, "What to do."),
        ),
        t.homework.join(t.plan).join(t.client),
        (t.plan.c.at, t.plan.c.id, c.seq, c.id),
        t.plan.c.client_id,
        refers={"plan_id": ("plans", "plan_id")},
    )


def _soreness() -> Spec:
    c = t.soreness.c
    return Spec(
        "soreness",
        "How sore a client was after a visit.",
        t.soreness,
        (
            kept("soreness_id", c.id, "Its id."),
            *_of_client(t.soreness),
            kept("at_utc", c.at, "When it was told."),
            _session(t.soreness, "After which session."),
            kept("rating_0_10", c.rating, "How sore."),
            kept("hours_after_h", c.hours_after, "How long after."),
            kept("note", c.note, "A note."),
        ),
        t.soreness.join(t.client),
        (c.at, c.id),
        c.client_id,
        refers={**_CLIENT, "session_id": _SESSION},
    )
