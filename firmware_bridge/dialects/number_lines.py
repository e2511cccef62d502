"""What a line of numbers means: which of its numbers is the force, and in which unit.

A line is cut into its numbers and the texts between them. The texts are its shape, and the shape decides, once,
what every line of that shape means:

1. a number with a unit of force or mass, glued on (`0.0kg`), apart (`4.285 N`), in the next field (`2.56,lbs,`), in
   its label (`force_N:3.2`) or in the header (`time_ms,force_N`);
2. else a number whose label looks like a force (`reading: 8412345`);
3. else the first number that is not labelled as something else (a time, a temperature, a factor) and whose unit
   is not one of those.

When some numbers are labelled by `:` or `=`, only labelled ones count: the others belong to the words. A clock time
(`19:39:21.5`) is no number; in `name:1627551892437:1234` (Teleplot) the last one is the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feedback.units import POUND_KG, STANDARD_GRAVITY

NUMBER = re.compile(
    r"(?<![\w.*+-])((?:[+-][ \t]{0,3})?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)(?![\d.])", re.ASCII
)
"""A number standing apart from words before it; a blank may follow the sign (`- 23.02 lbf`)."""

_NEWTONS = {
    "n": 1.0,
    "kn": 1000.0,
    "g": STANDARD_GRAVITY / 1000,
    "kg": STANDARD_GRAVITY,
    "lb": POUND_KG * STANDARD_GRAVITY,
    "oz": POUND_KG * STANDARD_GRAVITY / 16,
}
_SPELLINGS = {
    "n": ("n", "newton", "newtons"),
    "kn": ("kn",),
    "g": ("g", "gf", "gram", "grams"),
    "kg": ("kg", "kgf", "kgs", "kilogram", "kilograms"),
    "lb": ("lb", "lbs", "lbf", "pound", "pounds"),
    "oz": ("oz", "ozf", "ounce", "ounces"),
}
_UNIT_OF = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
_UNITS = "|".join(sorted(_UNIT_OF, key=len, reverse=True))

# Not before a slash: N/cm² is a pressure. Not before a colon: `12 g:3` labels the next number.
_UNIT_AFTER = re.compile(rf"[ \t]*[,;\t]?[ \t]*[\[(]?({_UNITS})[\])]?(?![\w/²])(?!\s*[:=])", re.IGNORECASE)
_OTHER_UNIT_AFTER = re.compile(
    r"[ \t]*[\[(]?(?:ms|us|µs|s|sec|min|°?[cf]|deg[cf]?|%|hz|v)[\])]?(?![\w/])(?!\s*[:=])", re.IGNORECASE
)
_UNIT_IN_LABEL = re.compile(rf"[\s_(\[]\s*({_UNITS})\s*[)\]]?\s*$", re.IGNORECASE)
_LABEL = re.compile(r"([^,;|:=\t]*)[:=]\s*$")
_FORCE_LABEL = re.compile(r"force|weight|load|reading|(?<![a-z])press(?:ure)?(?![a-z])", re.IGNORECASE)
_OTHER_LABEL = re.compile(
    r"(?<![a-z])(?:time|t|ms|us|millis|micros|stamp|timestamp|seq|index|id|n|temp|temperature|rate|volt|vcc|batt"
    r"|battery|zero|tare|offset)(?![a-z])|factor|calib|version|config",
    re.IGNORECASE,
)
_NOT_A_NUMBER = re.compile(
    rf"(?<![a-z])(?:inf(?:inity)?(?:{_UNITS})?|nan(?:{_UNITS})?|ovf|help|err\w*|over(?:load|flow|range)?|ol)"
    r"(?![a-z])(?!\s*[:=])|(?<!-)-{2,6}(?!-)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s,;|>]*")
_BLANKS = re.compile(r"\s+")
_HEADER_FIELD = re.compile(r"[A-Za-z][\w .()\[\]/%²°-]{0,31}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What lines of one shape mean.

    Attributes:
        shape: the texts between the numbers, blanks made equal.
        take: index of the number that is the force; -1 when there is none.
        unit: `n kn g kg lb oz`, or empty: raw counts.
        believable: lines of this shape may be believed from the first on; else it has to be repeated.
        positional: the number was taken for its place only.
        not_a_number: the line says that the sensor has no value (`inf`, `HELP`).
    """

    shape: str
    take: int = -1
    unit: str = ""
    believable: bool = False
    positional: bool = False
    not_a_number: bool = False


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    label: str
    labelled: bool
    unit: str
    other: bool

    @property
    def rank(self) -> int:
        return 2 * bool(self.unit) + bool(_FORCE_LABEL.search(self.label))


def newtons(unit: str) -> float:
    """Newtons in one `unit` of a `Plan`."""
    return _NEWTONS[unit]


def header_of(text: str) -> tuple[str, ...]:
    """The names of columns when the line is a header that names a force, else nothing."""
    fields = [field.strip() for field in re.split(r"[,;\t]", text.strip(" \t,;"))]
    if len(fields) < 2 or not all(_HEADER_FIELD.fullmatch(field) for field in fields):
        return ()
    return tuple(fields) if any(_FORCE_LABEL.search(field) for field in fields) else ()


def plan_of(texts: list[str], header: tuple[str, ...]) -> Plan:
    """Decide what lines with these texts between their numbers mean; `texts` is one longer than the numbers."""
    shape = "#".join(_BLANKS.sub(" ", text) for text in texts).strip()
    if any(_NOT_A_NUMBER.search(text) for text in texts):
        return Plan(shape, not_a_number=True)
    numbers = len(texts) - 1
    chained = _chained(texts)
    plain = all(_is_plain(text, first=i == 0) for i, text in enumerate(texts))
    names = header if plain and len(header) == numbers else ()
    columns = [_column(texts, i, names[i] if names else "") for i in range(numbers) if i not in chained]
    if any(column.labelled for column in columns):
        columns = [column for column in columns if column.labelled]
    columns = [column for column in columns if not column.other]
    if not columns:
        return Plan(shape)
    best = max(columns, key=lambda column: column.rank)
    return Plan(shape, best.index, best.unit, plain, positional=best.rank == 0 and not best.labelled)


def _chained(texts: list[str]) -> set[int]:
    """Indices of numbers that are only part of a clock time, or the time in `name:time:value`."""
    parts: set[int] = set()
    head = 0
    for i in range(1, len(texts) - 1):
        if texts[i] != ":":
            head = i
            continue
        parts.add(i - 1)
        if not re.search(r"[^\W\d]", texts[head]):
            parts.add(i)
    return parts


def _is_plain(text: str, *, first: bool) -> bool:
    unit = None if first else _UNIT_AFTER.match(text) or _OTHER_UNIT_AFTER.match(text)
    return _SEPARATORS.fullmatch(text, unit.end() if unit else 0) is not None


def _column(texts: list[str], index: int, name: str) -> _Column:
    before, after = texts[index], texts[index + 1]
    if index and (unit := _UNIT_AFTER.match(before) or _OTHER_UNIT_AFTER.match(before)):
        before = before[unit.end() :]
    if before == ":":
        # The value of name:time:value; the name stands before the time.
        before = texts[index - 1]
    labelled = _LABEL.search(before)
    label = name or (labelled.group(1).strip() if labelled else "")
    found = _UNIT_AFTER.match(after)
    if not found and label and _FORCE_LABEL.search(label):
        found = _UNIT_IN_LABEL.search(label)
    unit = _UNIT_OF[found.group(1).lower()] if found else ""
    other = not unit and bool(_OTHER_UNIT_AFTER.match(after))
    if not _FORCE_LABEL.search(label):
        other = other or bool(_OTHER_LABEL.search(label.replace("_", " ")))
    return _Column(index, label, labelled is not None or bool(name), unit, other)
