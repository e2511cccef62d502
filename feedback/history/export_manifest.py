"""`datapackage.json`: what makes a folder of CSV files an export.

It says which files there are, how long they are, their checksums, and what every column means. It is a Tabular Data
Package (https://specs.frictionlessdata.io/tabular-data-package/), so that tools which know that standard read the
tables with their types. What the standard does not have stands under `goodpain` and, of a file, under `rows`. It is
written last: without it the files are no export.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from feedback.history.errors import BadImportError
from feedback.history.export_types import Kind
from feedback.history.records import iso_utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedback.history.export_types import Column, TableOut

MANIFEST = "datapackage.json"
FORMAT = 1
"""Version of the tables; a newer one is refused, every older one is read."""

_TYPES: dict[Kind, dict[str, object]] = {
    Kind.ID: {"type": "string", "format": "uuid"},
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.TRUTH: {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
    Kind.TIME: {"type": "datetime", "format": "any"},
    Kind.SECONDS: {"type": "number"},
    Kind.FLAGS: {"type": "string"},
    Kind.BYTES: {"type": "string", "format": "binary"},
}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file of an export: its table, how many bytes and rows (without the header), and the SHA-256 of its bytes."""

    table: str
    size: int
    rows: int
    sha256: str


def manifest_text(
    tables: Sequence[TableOut],
    files: Sequence[FileFacts],
    *,
    codes: Sequence[str],
    app_version: str,
    at: datetime,
) -> str:
    """The file, as text.

    Args:
        tables: in their order.
        files: theirs.
        codes: of the clients whose data it is.
        app_version: of Goodpain.
        at: when it was exported.
    """
    return json.dumps(
        {
            "profile": "tabular-data-package",
            "name": "goodpain-export",
            "title": "A Goodpain record",
            "description": "Forces are in N, pressures in kPa, times in s; an empty cell is not known. In text an "
            "apostrophe in front keeps a spreadsheet from running it as a formula: leave the first one out.",
            "created": iso_utc(at),
            "goodpain": {"format": FORMAT, "app_version": app_version, "clients": list(codes)},
            "resources": [_resource(table, file) for table, file in zip(tables, files, strict=True)],
        },
        indent=1,
        ensure_ascii=False,
    )


def _resource(table: TableOut, file: FileFacts) -> dict[str, object]:
    schema: dict[str, object] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.refers:
        schema["foreignKeys"] = [
            {"fields": name, "reference": {"resource": other, "fields": field}}
            for name, (other, field) in table.refers.items()
        ]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "description": table.says,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "rows": file.rows,
        "schema": schema,
    }


def _field(column: Column) -> dict[str, object]:
    told: dict[str, object] = {"name": column.name, **_TYPES[column.kind], "description": column.says}
    if column.unit:
        told["unit"] = column.unit
    if column.kept is None:
        told["derived"] = True
    if column.needed and column.kind not in (Kind.TEXT, Kind.FLAGS):
        told["constraints"] = {"required": True}
    return told


def read_manifest(text: bytes, name: str) -> dict[str, FileFacts]:
    """The files of an export by table.

    Args:
        text: of the manifest.
        name: of the place, for the message.

    Raises:
        BadImportError: it is no manifest of ours, or a newer one.
    """
    try:
        told: Any = json.loads(text)
        version = _format(told["goodpain"]["format"])
        if version > FORMAT:
            raise BadImportError(
                f"{name} was exported by a newer Goodpain (format {version}, this one reads up to {FORMAT}): update "
                "Goodpain to take it in"
            )
        return {
            _name(one["name"]): FileFacts(
                _name(one["name"]), _count(one["bytes"]), _count(one["rows"]), _sha256(one["hash"])
            )
            for one in cast("list[dict[str, Any]]", told["resources"])
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadImportError(
            f"{MANIFEST} of {name} is not that of a Goodpain export, or is damaged: export again"
        ) from None


def _name(told: str) -> str:
    """A table's name, which becomes the name of a file beside the manifest."""
    if not re.fullmatch(r"[a-z][a-z_0-9]*", told):
        raise ValueError(told)
    return told


def _count(told: object) -> int:
    if not isinstance(told, int) or told < 0:
        raise ValueError(told)
    return told


def _format(told: object) -> int:
    if not isinstance(told, int) or told < 1:
        raise ValueError(told)
    return told


def _sha256(told: str) -> str:
    kind, _, value = told.partition(":")
    if kind != "sha256" or len(value) != 64:
        raise ValueError(told)
    return value
