"""The short check before a session: what to ask, and what a yes means for pressure.

The list is data that the therapist can edit (TOML). It says where special care is due; it is no medical advice, and it
forbids nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from feedback.care.errors import CareFileError
from feedback.toml import TomlError, parse_toml


class CheckLevel(StrEnum):
    """How much a yes weighs, lightest first."""

    NOTE = "note"
    """Worth knowing."""
    CARE = "care"
    """Special care: less pressure, or none at the place."""
    ASK_FIRST = "ask first"
    """Ask a doctor before pressing at all."""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One question.

    Attributes:
        key: its name in the record; never changes when the words do.
        question: as read to the client; a yes is what needs care.
        means: what a yes means for pressure.
        level: how much it weighs.
        source: where this comes from, or that it was not verified.
    """

    key: str
    question: str
    means: str
    level: CheckLevel = CheckLevel.CARE
    source: str = ""


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What the client answered, with the words that were read out, so that the record stays readable.

    Attributes:
        key: of the item.
        question: as it was asked.
        yes: special care is due.
        means: as it was shown.
        note: free text.
        level: how much a yes weighs.
    """

    key: str
    question: str
    yes: bool
    means: str
    note: str = ""
    level: CheckLevel = CheckLevel.CARE


def answer(item: CheckItem, yes: bool, note: str = "") -> CheckAnswer:
    """The client's answer to an item."""
    return CheckAnswer(item.key, item.question, yes, item.means, note, item.level)


_TEXTS = ("key", "question", "means", "level", "source")


def checks_from_toml(text: str, where: str) -> tuple[CheckItem, ...]:
    """Read a list of `[[check]]` tables with `key`, `question`, `means`, `level` and `source`.

    Args:
        text: TOML.
        where: the file's name, for messages.

    Raises:
        CareFileError: names the file, the key and the reason.
    """
    try:
        values = parse_toml(text)
    except TomlError as error:
        raise CareFileError(where, "", f"this is not valid TOML: {error}") from None
    if unknown := sorted(set(values) - {"check"}):
        raise CareFileError(where, unknown[0], "is not known here; the list is made of [[check]] tables")
    entries = cast("object", values.get("check", []))
    if not isinstance(entries, list):
        raise CareFileError(where, "check", "must be a list: write [[check]] before every question")
    found: list[CheckItem] = []
    for number, entry in enumerate(cast("list[object]", entries), 1):
        item = _item(entry, f"check {number}", where)
        if any(item.key == other.key for other in found):
            raise CareFileError(where, f"check {number}: key", f"“{item.key}” is there twice: give another")
        found.append(item)
    return tuple(found)


def _item(entry: object, name: str, where: str) -> CheckItem:
    if not isinstance(entry, dict):
        raise CareFileError(where, name, "must be a table: write [[check]] before every question")
    values = cast("dict[str, Any]", entry)
    if unknown := sorted(set(values) - set(_TEXTS)):
        raise CareFileError(where, f"{name}: {unknown[0]}", f"is not known; there are {', '.join(_TEXTS)}")
    for key in _TEXTS:
        value = values.get(key, "" if key in ("level", "source") else None)
        if not isinstance(value, str) or (not value.strip() and key in ("key", "question", "means")):
            raise CareFileError(where, f"{name}: {key}", "must be text in quotes, and is needed")
    level = values.get("level", CheckLevel.CARE.value)
    if level not in set(CheckLevel):
        raise CareFileError(where, f"{name}: level", f"must be one of {', '.join(CheckLevel)}")
    key, question, means = (values[name].strip() for name in ("key", "question", "means"))
    return CheckItem(key, question, means, CheckLevel(level), values.get("source", "").strip())
