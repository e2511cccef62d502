"""Exports that were made to do harm: nothing is written beside the record, nothing fills memory or disk."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedback.history import BadImportError, History, HistoryError, import_csv, open_history
from feedback.history.export import export_csv
from tests.history.histories import Values, fast_folder, fill

MANIFEST = "datapackage.json"


@pytest.fixture(scope="module")
def exported() -> Iterator[Path]:
    """A whole export; not to be changed."""
    from tests.history.conftest import STARTED_AT

    with fast_folder() as folder:
        with open_history(folder / "record.db") as history:
            fill(history, Values(3, [], [], [], [STARTED_AT.replace(tzinfo=None)], ["A17"]))
            export_csv(history, folder / "out", app_version="1.2.3")
        yield folder / "out"


@pytest.fixture
def house() -> Iterator[Path]:
    """A folder with the record in a folder of its own, so that whatever is put beside it is seen."""
    with fast_folder() as folder:
        (folder / "data").mkdir()
        yield folder


@pytest.fixture
def history(house: Path) -> Iterator[History]:
    with open_history(house / "data" / "history.db") as opened:
        yield opened


class Watched:
    """Keeps how far an import came."""

    share = 0.0

    def step(self, done: float, total: float, what: str = "") -> None:
        self.share = max(self.share, done / total)


def members(exported: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in exported.iterdir() if path.is_file()}


def zipped(path: Path, files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def replaced(files: dict[str, bytes], table: str, data: bytes) -> dict[str, bytes]:
    """The export with another table, whose manifest tells of it truly."""
    told = json.loads(files[MANIFEST])
    for one in told["resources"]:
        if one["name"] == table:
            one["bytes"], one["hash"] = len(data), f"sha256:{hashlib.sha256(data).hexdigest()}"
    return files | {f"{table}.csv": data, MANIFEST: json.dumps(told).encode()}


def refused(history: History, place: Path, match: str = ".", **how: Any) -> str:
    """The import is refused in one sentence, and the record holds nothing."""
    with pytest.raises(HistoryError, match=match) as error:
        import_csv(history, place, **how)
    assert history.clients() == []
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 700
    return str(error.value)


def everything(house: Path) -> set[str]:
    return {str(path.relative_to(house)) for path in house.rglob("*")}


NAMES = (
    "../evil.txt",
    "../../../../../../tmp/evil.txt",
    "/tmp/evil.txt",
    "out/../../evil.txt",
    "..\\evil.txt",
    "C:\\evil.txt",
    "a" * 60_000,
    "not\x01\x1b[2J",
    "datapackage.JSON",
    "CLIENTS.csv",
    ".goodpain-export-x/lock",
)


def test_what_else_a_zip_holds_is_neither_written_nor_read(
    exported: Path, house: Path, history: History
) -> None:
    place = zipped(house / "in.zip", dict.fromkeys(NAMES, b"evil") | members(exported))
    before = everything(house)
    assert import_csv(history, place).added["clients"] == 1
    assert everything(house) <= before | {"data/history.db-wal", "data/history.db-shm"}
    assert not Path("/tmp/evil.txt").exists()


@pytest.mark.parametrize("folder", ["../", "/", "a/../../", "..\\"])
def test_an_export_in_a_folder_with_a_name_that_leads_out_is_still_only_read(
    exported: Path, house: Path, history: History, folder: str
) -> None:
    place = zipped(house / "in.zip", {folder + name: data for name, data in members(exported).items()})
    before = everything(house)
    try:
        import_csv(history, place)
    except BadImportError as error:
        assert "holds no datapackage.json" in str(error)  # noqa: PT017
    assert everything(house) <= before | {"data/history.db-wal", "data/history.db-shm"}


def test_a_manifest_names_no_file_but_those_beside_it(exported: Path, house: Path, history: History) -> None:
    for name in ("../clients", "/etc/passwd", "clients/../x", "CLIENTS", "clients\x00", "a\\b", "", "é", 7):
        files = members(exported)
        told = json.loads(files[MANIFEST])
        told["resources"][0]["name"] = name
        files[MANIFEST] = json.dumps(told).encode()
        refused(history, zipped(house / "in.zip", files), "is not that of a Goodpain export")


def test_a_link_in_a_zip_is_no_more_than_its_own_words(exported: Path, house: Path, history: History) -> None:
    with zipfile.ZipFile(house / "in.zip", "w") as archive:
        for name, data in members(exported).items():
            if name != "clients.csv":
                archive.writestr(name, data)
        link = zipfile.ZipInfo("clients.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "root" not in refused(history, house / "in.zip", "cut off|not as it was exported|no column")
    assert "root" not in refused(history, house / "in.zip", "clients.csv", changed=True)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no endless file")
@pytest.mark.parametrize("target", ["/dev/zero", "pipe", "clients.csv", "missing"])
def test_a_table_that_is_no_file_is_not_waited_for(
    exported: Path, house: Path, history: History, target: str
) -> None:
    folder = house / "in"
    folder.mkdir()
    for name, data in members(exported).items():
        (folder / name).write_bytes(data)
    (folder / "clients.csv").unlink()
    if target == "pipe":
        os.mkfifo(folder / "clients.csv")
    else:
        (folder / "clients.csv").symlink_to(target)
    refused(history, folder, "lacks clients.csv")
    refused(history, folder, "lacks clients.csv", changed=True)


def test_two_members_of_one_name_are_one_table(exported: Path, house: Path, history: History) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(house / "in.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for name, data in members(exported).items():
            archive.writestr(name, data)
        archive.writestr("clients.csv", b"id\r\n" + b"x" * 100)
    refused(history, house / "in.zip", "clients.csv")
    with warnings.catch_warnings(), zipfile.ZipFile(house / "in.zip", "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(MANIFEST, b"{}")
        for name, data in members(exported).items():
            archive.writestr(name, data)
    assert import_csv(history, house / "in.zip").added["clients"] == 1


def test_a_wrong_checksum_of_the_zip_is_told(exported: Path, house: Path, history: History) -> None:
    place = zipped(house / "in.zip", members(exported), method=zipfile.ZIP_STORED)
    data = place.read_bytes()
    (client,) = (line for line in members(exported)["clients.csv"].split(b"\r\n") if b"A17" in line)
    at = data.index(client) + client.index(b"A17")
    place.write_bytes(data[:at] + b"A18" + data[at + 3 :])
    refused(history, place, r"clients.csv in .* cannot be read|not as it was exported")


def test_a_zip_in_a_zip_is_no_export(exported: Path, house: Path, history: History) -> None:
    inner = zipped(house / "in.zip", members(exported)).read_bytes()
    refused(history, zipped(house / "out.zip", {"in.zip": inner}), "holds no datapackage.json")


def test_two_exports_in_a_zip_are_not_chosen_from(exported: Path, house: Path, history: History) -> None:
    files = members(exported)
    both = {f"{n}/{name}": data for n in "ab" for name, data in files.items()}
    refused(history, zipped(house / "in.zip", both), "several exports")


def test_thousands_of_members_are_passed_over(exported: Path, house: Path, history: History) -> None:
    with zipfile.ZipFile(house / "in.zip", "w") as archive:
        for n in range(3_000):
            archive.writestr(zipfile.ZipInfo(f"{n}"), b"")
        for name, data in members(exported).items():
            archive.writestr(name, data)
    assert import_csv(history, house / "in.zip").added["clients"] == 1


@pytest.mark.parametrize("table", ["clients", "samples"])
@pytest.mark.parametrize("shape", ["one cell", "one line", "one row"])
def test_a_bomb_is_refused_before_it_fills_anything(
    exported: Path, house: Path, history: History, table: str, shape: str
) -> None:
    files = members(exported)
    header = files[f"{table}.csv"].split(b"\r\n")[0] + b"\r\n"
    piece = {"one cell": b"a", "one line": b"abc,", "one row": b'"' + b"a" * 1018 + b'\r\n",'}[shape]
    length = 50 << 20
    place = house / "in.zip"
    told = json.loads(files[MANIFEST])
    digest = hashlib.sha256(header)
    block = piece * ((1 << 20) // len(piece))
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files.items():
            if name not in (MANIFEST, f"{table}.csv"):
                archive.writestr(name, data)
        with archive.open(f"{table}.csv", "w") as member:
            member.write(header)
            for _ in range(length // len(block)):
                member.write(block)
                digest.update(block)
        for one in told["resources"]:
            if one["name"] == table:
                one["bytes"] = len(header) + len(block) * (length // len(block))
                one["hash"] = f"sha256:{digest.hexdigest()}"
        archive.writestr(MANIFEST, json.dumps(told))
    work = Watched()
    refused(history, place, rf"^{table}.csv, line \d+", work=work)
    assert work.share < 0.4


def test_a_zip_that_is_packed_too_well_is_none_of_ours(exported: Path, house: Path, history: History) -> None:
    files = replaced(members(exported), "clients", b"\r\n" * (80 << 19))
    refused(history, zipped(house / "in.zip", files), "claims to hold more than any export")


def test_a_size_that_a_zip_only_claims_is_not_believed(exported: Path, house: Path, history: History) -> None:
    place = zipped(house / "in.zip", members(exported))
    data = bytearray(place.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            struct.pack_into("<I", data, at + offset, 0xFFFF_FFF0)
    place.write_bytes(data)
    refused(history, place, "claims to hold more|not as it was exported|cannot be read")


def test_noise_with_a_zips_ending_is_refused(house: Path, history: History) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", b"b")
    end = out.getvalue()[-22:]
    for begin in (b"", b"\x00" * 100, os.urandom(1000)):
        (house / "in.zip").write_bytes(begin + end)
        refused(history, house / "in.zip")
