"""Words that attack whoever repeats them, and a record that is full of them."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.care import Assessment, Factor, Finding, FindingKind, PainArea, Plan
from feedback.history import open_history, tables
from tests.tui.review_past import Told, write

if TYPE_CHECKING:
    from sqlalchemy import Column

ESCAPES = "\x1b]0;renamed\x07\x1b[2J\x1b[31m\x9b8m\x1b]8;;http://evil.example\x1b\\\x85\x7f\x00"
TURNED = "\u202egnorw\u2066\u200e\u2028\ufeff\U000e0041"
MARKUP = "[/][red][@click=app.quit][link=http://evil.example]"
HTML = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"
FORMULA = '=HYPERLINK("http://evil.example","x")'
ATTACK = f"{MARKUP}{ESCAPES}{TURNED}{HTML}; DROP TABLE client; --"
SHORT = "[/][red]\x1b[2J\x9b\u202e"
"""For what the record bounds."""
CODE = "[/][red]=1+1\"'<b>A17"
"""A code that the record takes: printable, and nothing more can be said for it."""

STEERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\U000e0000-\U000e0fff]"
)
"""What must not reach a terminal: written down here once more, so that a gap in the product's own list shows."""

WORDS_OF_OURS = {
    ("client", "code"),
    ("trainee", "code"),
    ("point", "side"),
    ("pain_area", "side"),
    ("finding", "side"),
    ("finding", "point_side"),
    ("session", "ended_how"),
    ("sample_chunk", "codec"),
    ("attempt_chunk", "codec"),
    ("calibration", "curve"),
    ("threshold", "repeats"),
    ("attempt", "curve"),
    ("attempt", "scores"),
    ("attempt", "target"),
    ("attempt", "drill_text"),
    ("session", "station"),
    ("session", "clock"),
    ("report", "source"),
    ("correction", "entity"),
    ("correction", "what"),
    ("correction", "value"),
    ("audit", "what"),
    ("audit", "entity"),
    ("audit", "entity_id"),
}
"""Columns that hold words of the program or data of a format, not of people and devices."""
NOT_FREE = re.compile(
    "kind|ended|source|level|purpose|feedback|void|posterior_version|key|dialect|applicator"
)


def free_texts() -> list[tuple[str, Column[object]]]:
    """(table, column) of every text that somebody or something else wrote."""
    return [
        (table.name, column)
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if column.type.__class__.__name__ in ("Text", "String")
        and (table.name, column.name) not in WORDS_OF_OURS
        and not NOT_FREE.fullmatch(column.name)
    ]


def hostile_record(folder: Path) -> str:
    """A real record whose every free text was made hostile by hand, as one from elsewhere may be; the client's code."""
    write(folder, "A17", [Told(60, note="a note"), Told(20, note="another", simulated=True)])
    with open_history(folder / "history.db") as history:
        found = Finding(FindingKind.POSTURE, "neck", "forward", referred="temple", side="left")
        history.care.assess(
            "A17", Assessment((PainArea("neck", "left", 4),), (found,), (Factor("desk", "long days"),), "x")
        )
        history.audit("backed up", "record", "A17", "to look")
        history.care.set_plan("A17", Plan(homework=("walk",), goal="less pain"))
    database = sqlite3.connect(folder / "history.db")
    with database:
        for table, column in free_texts():
            limit = getattr(column.type, "length", None)
            words = ATTACK if limit is None else SHORT
            database.execute(
                f'UPDATE "{table}" SET "{column.name}" = substr(coalesce("{column.name}", \'\') || ?, 1, ?)',
                (words.replace("\x00", ""), limit or 100_000),
            )
        database.execute("UPDATE client SET code = ?", (CODE,))
    database.close()
    return CODE
