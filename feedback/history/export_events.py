"""Tables of an export that add to what is kept: events with the gaps found in the samples, repeats of thresholds."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from feedback.history import tables as t
from feedback.history.export_samples import find_gaps
from feedback.history.export_sessions import session_cell
from feedback.history.export_spec import (
    STARTED,
    Cell,
    Spec,
    batch_of,
    client_cell,
    kept,
    moment_cell,
    moment_of,
    of_session,
    point_cells,
    session_order,
    told,
    with_point,
)
from feedback.history.export_types import Batch, Column, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.history.export_facts import Facts, Gap, SessionFacts

_SESSION = {"session_id": ("sessions", "session_id")}
_FEW = 4000


def events_table() -> Spec:
    """Notes and what happened; gaps that only the samples show are rows without an id."""
    c = t.event.c

    def words(row: Any, facts: Facts) -> str:
        found = facts.corrections.get(row.event_id)
        if found is None or found.what != "changed":
            return row.first_text
        return json.loads(found.value or "{}").get("text", row.first_text)

    event_id = kept("event_id", c.id, "Its id; empty for a gap that was found in the samples.").column
    return Spec(
        "events",
        "A note, or something that happened: a gap in the signal, a tare, a restart.",
        t.event,
        (
            Cell(Column(event_id.name, event_id.kind, event_id.says, kept="id"), c.id),
            session_cell(t.event),
            client_cell(),
            moment_cell(),
            kept("time_s", c.t_us, "From the start of the session."),
            kept("kind", c.kind, "note, gap, tare, …."),
            told("duration_s", Kind.SECONDS, lambda _row, _facts: None, "Length of a gap."),
            told("text", Kind.TEXT, words, "In words; as corrected."),
            kept("first_text", c.text, "What was written down first, before any correction."),
        ),
        of_session(t.event),
        session_order(c.t_us, c.id),
        t.session.c.client_id,
        extra=STARTED,
        refers=_SESSION,
        rows_of=_events,
    )


def _events(spec: Spec, facts: Facts) -> Iterator[Batch]:
    """All of a session at a time, its gaps among them."""
    stored = groupby(
        (row for rows in facts.partitions(spec.query(facts), _FEW) for row in rows),
        key=lambda row: row.session_id,
    )
    waiting = next(stored, None)
    gathered: list[tuple[Any, ...]] = []
    for session in facts.sessions:
        rows: list[tuple[Any, ...]] = []
        # Both run through the sessions in the same order.
        if waiting is not None and waiting[0] == session.id:
            rows = list(batch_of(spec, list(waiting[1]), facts).rows())
            waiting = next(stored, None)
        gathered += _with_gaps(rows, find_gaps(facts, session), session)
        if len(gathered) >= _FEW:
            yield _batch(gathered)
            gathered = []
    if gathered:
        yield _batch(gathered)


def _with_gaps(rows: list[tuple[Any, ...]], gaps: list[Gap], session: SessionFacts) -> list[tuple[Any, ...]]:
    lengths = {round(gap.start_us, -3): gap for gap in gaps}
    out: list[tuple[Any, ...]] = []
    for row in rows:
        event_id, session_id, client, at, t_us, kind, _, text, first = row
        # A gap that the session itself noticed is the one found in the samples.
        gap = lengths.pop(round(t_us, -3), None) if kind == "gap" else None
        length_us = gap.end_us - gap.start_us if gap else None
        out.append((event_id, session_id, client, at, t_us, kind, length_us, text, first))
    for gap in lengths.values():
        at, length_us = moment_of(session.started_at, gap.start_us), gap.end_us - gap.start_us
        said = "no samples"
        out.append((None, session.id, session.client, at, gap.start_us, "gap", length_us, said, said))
    return sorted(out, key=lambda row: (row[4], row[0] is None, str(row[0])))


def _batch(rows: list[tuple[Any, ...]]) -> Batch:
    return Batch(len(rows), tuple(zip(*rows, strict=True)))


def repeats_table() -> Spec:
    """The repeats of thresholds, a row each."""
    c = t.threshold.c
    told_of_repeat = (
        ("repeat", Kind.WHOLE, "Which one, from 1."),
        ("pressure_kpa", Kind.NUMBER, "The pressure at which it hurt."),
        ("rate_kpa_per_s", Kind.NUMBER, "How fast the pressure rose."),
        ("used", Kind.TRUTH, "Whether it is in the mean."),
    )
    return Spec(
        "threshold_repeats",
        "A repeat of a threshold measurement; worked out from thresholds.",
        None,
        (
            told("threshold_id", Kind.ID, c.id, "The threshold."),
            told("session_id", Kind.ID, c.session_id, "The session."),
            client_cell(),
            *point_cells(),
            told("technique", Kind.TEXT, c.technique, "Name of the technique."),
            *(told(name, kind, lambda _row, _facts: None, says) for name, kind, says in told_of_repeat),
        ),
        with_point(of_session(t.threshold), t.threshold),
        session_order(c.end_us, c.id),
        t.session.c.client_id,
        extra={"x_repeats": c.repeats},
        refers={"threshold_id": ("thresholds", "threshold_id")},
        rows_of=_repeats,
    )


def _repeats(spec: Spec, facts: Facts) -> Iterator[Batch]:
    of_threshold = len(spec.cells) - 4
    for rows in facts.partitions(spec.query(facts), _FEW):
        plain = batch_of(spec, rows, facts).rows()
        out = [
            (*cells[:of_threshold], number, told["kpa"], told["rate_kpa_per_s"], told["used"])
            for row, cells in zip(rows, plain, strict=True)
            for number, told in enumerate(json.loads(row.x_repeats), 1)
        ]
        if out:
            yield _batch(out)
