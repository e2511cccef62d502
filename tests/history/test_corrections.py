from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from feedback.comfort import ReportKind
from feedback.history import BadEntryError, History, HistoryReadOnlyError, open_history, tables
from feedback.history.records import FirstSaid
from tests.history.test_review import LEFT, Visit

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def visit(history: History) -> Visit:
    return Visit(history, "A17", AT)


def audited(history: History) -> list[tuple[str, str, str, str | None]]:
    audit = tables.audit.c
    with history.database.reading() as connection:
        rows = connection.execute(
            sa.select(audit.what, audit.entity, audit.entity_id, audit.who)
            .where(audit.what.in_(["corrected", "marked void", "restored"]))
            .order_by(audit.at)
        )
        return [(r.what, r.entity, r.entity_id, r.who) for r in rows]


def test_everybody_sees_the_corrected_word_and_the_first_one_stays(history: History, visit: Visit) -> None:
    history.review.correct_report(visit.rating, ReportKind.RATING, 2, who="T2", reason="misheard")
    report = next(r for r in history.session(visit.id).reports if r.id == visit.rating)
    assert (report.kind, report.rating) == (ReportKind.RATING, 2)
    assert report.corrected_from == FirstSaid(ReportKind.RATING, 7)
    [row] = history.review.visits(history.known_client("A17").id)
    assert row.rating_first == 2
    assert history.review.presses(visit.id)[0].ratings == (2,)
    assert history.review.press(visit.first).reports[0].corrected_from == FirstSaid(ReportKind.RATING, 7)
    with history.database.reading() as connection:
        stored = connection.execute(
            sa.select(tables.report.c.rating).where(tables.report.c.id == visit.rating)
        ).scalar()
    assert stored == 7
    assert audited(history) == [("corrected", "report", str(visit.rating), "T2")]


def test_the_newest_correction_counts_and_all_are_shown(history: History, visit: Visit) -> None:
    history.review.correct_report(visit.good, ReportKind.TOO_MUCH, reason="one")
    history.review.correct_report(visit.good, ReportKind.RATING, 8, reason="two")
    history.review.correct_report(visit.good, ReportKind.GOOD)
    report = next(r for r in history.session(visit.id).reports if r.id == visit.good)
    assert (report.kind, report.rating, report.corrected_from) == (
        ReportKind.GOOD,
        None,
        FirstSaid(ReportKind.GOOD, None),
    )
    told = history.review.corrections(visit.good)
    assert [(c.value, c.reason, c.who) for c in told] == [
        ({"kind": "too_much", "rating": None}, "one", ""),
        ({"kind": "rating", "rating": 8}, "two", ""),
        ({"kind": "good", "rating": None}, "", ""),
    ]
    assert told == sorted(told, key=lambda c: c.at)


def test_the_newest_counts_also_when_the_clock_was_set_back(
    place: Path | str, history: History, visit: Visit
) -> None:
    history.review.correct_report(visit.rating, ReportKind.RATING, 2)
    with open_history(place, now=lambda: datetime(2020, 1, 1, tzinfo=UTC)) as earlier:
        earlier.review.correct_report(visit.rating, ReportKind.RATING, 3)
    assert history.review.presses(visit.id)[0].ratings == (3,)


def test_a_void_press_is_shown_and_counts_nowhere(history: History, visit: Visit) -> None:
    [before] = history.care.visits("A17")
    history.review.void_press(visit.second, who="T1", reason="the tip slipped")
    client = history.known_client("A17").id
    stored = history.session(visit.id)
    assert [(p.id, p.void, p.void_reason) for p in stored.presses] == [
        (visit.first, False, None),
        (visit.second, True, "the tip slipped"),
        (visit.third, False, None),
    ]
    assert [p.id for p in stored.counted] == [visit.first, visit.third]
    [after] = history.care.visits("A17")
    assert (before.presses, before.dose_ns, before.press_s) == (3, 350.0, 16.0)
    assert (after.presses, after.dose_ns, after.press_s) == (2, 150.0, 11.0)
    [row] = history.review.visits(client)
    assert (row.presses, row.void, row.dose_ns, row.time_in_band_s) == (2, 1, 150.0, 2.0)
    assert next((p.presses, p.point) for p in history.review.points(client)) == (1, LEFT)
    assert [c.presses for c in history.review.clients()] == [2]
    assert [p.presses for p in history.points("A17")] == [1, 1]
    assert [r.void for r in history.review.presses(visit.id)] == [False, True, False]
    detail = history.review.press(visit.second).press
    assert (detail.void, detail.void_reason) == (True, "the tip slipped")
    assert history.band(visit.left.id, "thumb", 2.0).band is not None

    history.review.restore_press(visit.second)
    assert history.care.visits("A17") == [before]
    assert [c.presses for c in history.review.clients()] == [3]
    assert [c.what for c in history.review.corrections(visit.second)] == ["void", "restored"]
    assert [(what, entity) for what, entity, *_ in audited(history)] == [
        ("marked void", "press"),
        ("restored", "press"),
    ]


def test_a_visit_whose_presses_are_all_void_is_none(history: History, visit: Visit) -> None:
    with history.database.writing() as connection:
        connection.execute(tables.threshold.delete())
    for press_id in (visit.first, visit.second, visit.third):
        history.review.void_press(press_id, reason="a test of the sensor")
    assert history.care.visits("A17") == []
    [row] = history.review.visits(history.known_client("A17").id)
    assert (row.presses, row.void, row.time_in_band_s, row.points) == (0, 3, None, ())


def test_a_note_is_put_right(history: History, visit: Visit) -> None:
    [note] = history.session(visit.id).notes
    assert note.id is not None
    history.review.correct_note(note.id, "  not tender  ")
    [now] = history.session(visit.id).notes
    assert (now.text, now.corrected_from, now.time_s) == ("not tender", "tender", note.time_s)
    assert history.review.press(visit.first).notes == (now,)


def test_what_is_said_in_a_correction_stays_out_of_the_audit(history: History, visit: Visit) -> None:
    [note] = history.session(visit.id).notes
    assert note.id is not None
    history.review.correct_note(note.id, "words of the client", reason="more words")
    history.review.void_press(visit.first, reason="words again")
    with history.database.reading() as connection:
        for row in connection.execute(sa.select(tables.audit)):
            assert "words" not in " ".join(map(str, row))


def test_a_correction_that_makes_no_sense_is_refused(history: History, visit: Visit) -> None:
    review = history.review
    [note] = history.session(visit.id).notes
    assert note.id is not None
    with pytest.raises(BadEntryError, match="no report"):
        review.correct_report(uuid4(), ReportKind.GOOD)
    with pytest.raises(BadEntryError, match="from 0 to 10"):
        review.correct_report(visit.rating, ReportKind.RATING, 11)
    with pytest.raises(BadEntryError, match="only a rating"):
        review.correct_report(visit.rating, ReportKind.GOOD, 4)
    with pytest.raises(BadEntryError, match="already"):
        review.correct_report(visit.rating, ReportKind.RATING, 7)
    with pytest.raises(BadEntryError, match="no note"):
        review.correct_note(uuid4(), "x")
    with pytest.raises(BadEntryError, match="needs words"):
        review.correct_note(note.id, "  ")
    with pytest.raises(BadEntryError, match="says that already"):
        review.correct_note(note.id, "tender")
    with pytest.raises(BadEntryError, match="no press"):
        review.void_press(uuid4(), reason="x")
    with pytest.raises(BadEntryError, match="for a reason"):
        review.void_press(visit.first, reason=" ")
    with pytest.raises(BadEntryError, match="nothing to restore"):
        review.restore_press(visit.first)
    with pytest.raises(BadEntryError, match="printable"):
        review.void_press(visit.first, who="x" * 41, reason="x")
    assert review.corrections(visit.first) == []
    assert audited(history) == []


def test_a_record_that_may_only_be_read_is_not_corrected(path: Path, visit: Visit, history: History) -> None:
    with open_history(path, read_only=True) as reader, pytest.raises(HistoryReadOnlyError):
        reader.review.void_press(visit.first, reason="x")
    assert history.review.corrections(visit.first) == []


def test_the_printed_history_marks_what_was_corrected(history: History, visit: Visit) -> None:
    from feedback.units import PRESSURE_UNITS
    from tui.commands.history import session_lines

    [note] = history.session(visit.id).notes
    assert note.id is not None
    history.review.correct_note(note.id, "calm")
    history.review.correct_report(visit.rating, ReportKind.RATING, 2)
    history.review.void_press(visit.second, reason="slipped")
    _, first, second, third, told = session_lines(history.session(visit.id), PRESSURE_UNITS["kpa"])
    assert first.endswith("– 2/10 (corrected)")
    assert second.endswith("(stop) – void, does not count: slipped")
    assert "void" not in third
    assert told == "    note: calm (corrected)"
