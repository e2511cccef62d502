"""What people call the rows of each table."""

from __future__ import annotations

_WORDS = {
    "assessment": "assessments",
    "attempt": "attempts of trainees",
    "attempt_chunk": "chunks of samples of attempts",
    "audit": "entries of the audit",
    "band": "bands",
    "calibration": "calibrations",
    "check_answer": "answers of checks",
    "client": "clients",
    "correction": "corrections",
    "event": "notes and events",
    "factor": "factors",
    "finding": "findings",
    "homework": "lines of homework",
    "pain_area": "areas of pain",
    "phase": "phases",
    "plan": "plans",
    "point": "points",
    "point_change": "changes of the point",
    "press": "presses",
    "report": "reports",
    "sample_chunk": "chunks of samples",
    "session": "sessions",
    "soreness": "answers about soreness",
    "threshold": "thresholds",
    "trainee": "trainees",
    "training_skip": "drills that were put off",
}


def words(table: str, count: int) -> str:
    """So many rows of a table, for people."""
    many = _WORDS.get(table, table.replace("_", " "))
    if count != 1:
        return f"{count:,} {many}"
    first, _, rest = many.partition(" ")
    one = first[:-2] if first == "presses" else f"{first[:-3]}y" if first.endswith("ies") else first[:-1]
    return f"1 {one} {rest}".rstrip()
