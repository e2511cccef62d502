"""Where an import comes from: the folder of an export, or a zip with one in it."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from feedback.history.errors import BadImportError
from feedback.history.export_manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from feedback.history.export_manifest import FileFacts

_UNREADABLE = (zlib.error, EOFError, RuntimeError)
"""What zipfile raises for members that are damaged, cut off, encrypted or packed in a way it does not know."""
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAX_MANIFEST = 16 << 20
_RATIO_MAX = 100
"""How many bytes of an export one byte of its zip holds at most. A signal that never moves is packed to a twentieth;
what is packed a hundredfold is made to fill disks."""
_ALWAYS = 64 << 20
"""Bytes that are unpacked in any case: repetition packs well where there is little."""


class Source:
    """An export, open: its manifest is read, and every file it names is there in full length.

    Attributes:
        name: for people.
        files: by table.
        changed: files may differ from what the manifest says, because somebody worked on them.
    """

    def __init__(
        self, name: str, opener: Callable[[str], BinaryIO], size: Callable[[str], int | None], changed: bool
    ) -> None:
        self.name = name
        self.changed = changed
        self._open = opener
        if size(MANIFEST) is None:
            raise BadImportError(
                f"{name} holds no {MANIFEST}: it is not a Goodpain export, or one that was not finished"
            )
        with opener(MANIFEST) as file:
            self.files: dict[str, FileFacts] = read_manifest(file.read(_MAX_MANIFEST), name)
        for table, facts in self.files.items():
            there = size(f"{table}.csv")
            if there is None:
                raise BadImportError(f"{name} lacks {table}.csv: the export is not whole, export again")
            if there < facts.size and not changed:
                raise BadImportError(
                    f"{table}.csv in {name} is cut off ({there} of {facts.size} bytes): the export is not whole, "
                    "export or copy it again"
                )
            if there != facts.size and not changed:
                raise self._differs(table)

    @property
    def total(self) -> int:
        """Bytes of all tables."""
        return max(1, sum(file.size for file in self.files.values()))

    @contextmanager
    def table(self, table: str, told: Callable[[int], None]) -> Generator[BinaryIO]:
        """The bytes of a table, checked against the manifest when all of them were read.

        Args:
            table: its name.
            told: is told how many bytes were read now.

        Raises:
            BadImportError: they cannot be read, or are not those that were exported.
        """
        facts = self.files[table]
        try:
            with self._open(f"{table}.csv") as raw:
                counted = _Counted(raw, told)
                yield io.BufferedReader(counted, 1 << 20)
        except (OSError, zipfile.BadZipFile, *_UNREADABLE) as error:
            reason = getattr(error, "strerror", None) or str(error) or "damaged"
            raise BadImportError(f"{table}.csv in {self.name} cannot be read ({reason})") from None
        if counted.checksum.hexdigest() != facts.sha256 and not self.changed:
            raise self._differs(table)

    def _differs(self, table: str) -> BadImportError:
        return BadImportError(
            f"{table}.csv in {self.name} is not as it was exported: export again, or use --changed to take it in as "
            "it is now"
        )


class _Counted(io.RawIOBase):
    """Bytes that are counted and summed as they pass."""

    def __init__(self, raw: BinaryIO, told: Callable[[int], None]) -> None:
        self.checksum = hashlib.sha256()
        self._raw = raw
        self._told = told

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self.checksum.update(data)
        if data:
            self._told(len(data))
        return len(data)


@contextmanager
def open_source(place: Path, *, changed: bool = False) -> Generator[Source]:
    """An export in a folder or a zip.

    Raises:
        BadImportError: it is none, or not whole.
    """
    with ExitStack() as stack:
        try:
            source = _opened(place, stack, changed)
        except zipfile.BadZipFile:
            raise BadImportError(
                f"{place} is neither a folder nor a whole zip: give the folder of an export, or copy the zip again"
            ) from None
        except (*_UNREADABLE, ValueError) as error:
            # A name that is no text is a ValueError.
            raise BadImportError(f"{place} cannot be read ({error}): copy the zip again") from None
        except OSError as error:
            raise BadImportError(f"{place} cannot be read ({error.strerror})") from None
        yield source


def _opened(place: Path, stack: ExitStack, changed: bool) -> Source:
    if place.is_dir():
        return Source(
            str(place),
            lambda name: (place / name).open("rb"),
            lambda name: (place / name).stat().st_size if (place / name).is_file() else None,
            changed,
        )
    if not place.exists():
        raise BadImportError(f"there is no {place}: give the folder of an export, or a zip of it")
    return _zipped(place, stack.enter_context(zipfile.ZipFile(place)), changed)


def _zipped(place: Path, archive: zipfile.ZipFile, changed: bool) -> Source:
    """The export in a zip, at its top or in one of its folders."""
    sizes = {info.filename: info.file_size for info in archive.infolist()}
    found = [name for name in sizes if name == MANIFEST or name.endswith(f"/{MANIFEST}")]
    if len(found) > 1:
        raise BadImportError(
            f"{place} holds several exports: unpack it and take in one folder after the other"
        )
    folder = found[0].removesuffix(MANIFEST) if found else ""
    if sum(sizes.values()) > max(_ALWAYS, _RATIO_MAX * place.stat().st_size):
        raise BadImportError(
            f"{place} claims to hold more than any export packs into so few bytes: it is none of ours"
        )
    if any(info.compress_type not in _PACKED for info in archive.infolist()):
        raise BadImportError(
            f"{place} is packed in a way that Goodpain does not unpack: unpack it, and take in the folder"
        )
    return Source(
        str(place),
        lambda name: archive.open(folder + name),  # pyright: ignore[reportArgumentType]
        lambda name: sizes.get(folder + name),
        changed,
    )
