"""TOML and JSON that are nearly right: documents that exist, with a few values changed for odd ones.

Bytes alone hardly ever get past the parser; these do, and reach what looks at the values.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.choosing import Choices


class Raw(str):
    """Written into the document as it is."""

    __slots__ = ()


ODD_NUMBERS = [
    *("0", "-1", "1", "2", "0.5", "10", "100", "1e308", "-1e308", "5e-324", "-0.0", "1e400", "4e15"),
    *("2147483648", "9223372036854775808", "9" * 400, "9" * 5000),
]
_ODD_TEXTS = [
    *(
        '""',
        '" "',
        '"x"',
        '"nan"',
        '"1e400 kg/cm2"',
        '"0 N"',
        '"\\u001b[31m"',
        '"\\u202e"',
        '"\\u0000"',
        '"\\n"',
    ),
    *(f'"{"a" * 5000}"', '"=1+1"', '"[red]x[/]"', '"../../x"', '"\\u0661"', '"²"', '","', '"/"'),
]
ODD_TOML = [
    *map(Raw, [*ODD_NUMBERS, *_ODD_TEXTS]),
    *map(
        Raw,
        ("nan", "inf", "-inf", "true", "false", "[]", "[[]]", "{}", "[1, 2]", '["x"]', "[[0, 1], [1, 0]]"),
    ),
    *map(Raw, ("1979-05-27", "0001-01-01", "9999-12-31T23:59:59-23:59", "07:32:00", "0x" + "f" * 400)),
    *map(Raw, ("[" * 3000 + "]" * 3000, "{a=" * 3000 + "1" + "}" * 3000)),
]
ODD_JSON = [
    *map(Raw, [*ODD_NUMBERS, *_ODD_TEXTS]),
    *map(
        Raw,
        ("NaN", "Infinity", "-Infinity", "true", "false", "null", "[]", "[[]]", "{}", '["x"]', '{"a": 1}'),
    ),
    *map(Raw, ('"\\ud800"', "[" * 100_000, '{"a":' * 100_000)),
]


def changed(document: Any, choices: Choices, odd: Sequence[Any], most: int = 4) -> Any:
    """A copy of a document of dicts and lists, with up to `most` places changed."""
    document = _copy(document)
    for _ in range(choices.below(most) + 1):
        _change(document, choices, odd)
    return document


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value


def _change(node: Any, choices: Choices, odd: Sequence[Any]) -> None:
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = choices.pick(keys)
        inner = node[key]
        if isinstance(inner, dict | list) and inner and choices.below(8):
            node = inner
            continue
        break
    what = choices.below(10)
    if what == 0:
        del node[key]
    elif what == 1 and isinstance(node, dict):
        node[choices.text() or "new"] = node.pop(key)
    elif what == 1:
        node.append(_copy(node[key]))
    elif what == 2:
        node[key] = _copy(node[choices.pick(keys)])
    elif what == 3:
        node[key] = choices.text()
    elif what == 4:
        node[key] = {"a": _copy(inner)}
    elif what == 5:
        node[key] = [_copy(inner)]
    else:
        node[key] = choices.pick(odd)


def toml_of(table: dict[str, Any]) -> str:
    """The document as TOML, what stands in tables written inline."""
    return "".join(f"{json.dumps(str(key))} = {_toml(value)}\n" for key, value in table.items())


def _toml(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(str(key))} = {_toml(one)}" for key, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return (
        value.isoformat()
        if isinstance(value, date | datetime | time)
        else json.dumps(value, ensure_ascii=False)
    )


def json_of(value: Any) -> str:
    """The document as JSON."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(str(key))}: {json_of(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(json_of, value))}]"
    return json.dumps(value)
