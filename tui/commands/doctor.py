"""`goodpain doctor`: what is wrong, and what to do, on one page."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedback.printable import one_line
from tui.options import folder_and_settings, with_data
from tui.printable import own_sequences

if TYPE_CHECKING:
    from firmware_bridge.doctor import Finding

PACKAGES = ("goodpain", "textual", "numpy", "pyserial", "SQLAlchemy", "alembic")
WIDTH = 80
SUBJECT_WIDTH = 12
MARK_WIDTH = 9
COLUMNS_MIN, ROWS_MIN = 80, 24


@click.command()
@click.option("--sensor", metavar="PORT", help="Listen to this sensor too.")
@click.option("--dialect", metavar="NAME", help="Its language (default: recognised).")
@click.option("--baud", type=click.IntRange(1), default=115200, show_default=True, help="Baud rate.")
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(1.0, 3600.0),
    default=10.0,
    show_default=True,
    help="Listen for SECONDS of the sensor's time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
@with_data
@click.pass_context
def doctor(
    ctx: click.Context,
    sensor: str | None,
    dialect: str | None,
    baud: int,
    seconds: float,
    as_json: bool,
    data: Path | None,
) -> int:
    """Tell what is wrong, and what to do: program, terminal, record, ports, and a sensor.

    The exit code is 1 when there is a problem.
    """
    from firmware_bridge.doctor import Verdict, check_group, check_port
    from firmware_bridge.doctor_facts import all_ports, has_joined, user_groups

    # The settings themselves may be what is wrong.
    try:
        folder, _ = folder_and_settings(ctx, data)
        findings = []
    except Exception as error:
        from tui.failures import sentence_of
        from tui.settings import data_folder

        sentence = sentence_of(error)
        if sentence is None:
            raise
        folder = data_folder(data)
        findings = [_finding("settings", Verdict.PROBLEM, sentence)]
    findings = [check_python(), *check_packages(), check_terminal_here(), check_folder(folder), *findings]
    ports = all_ports(sensor)
    if sys.platform.startswith("linux"):
        groups, wanted_groups = user_groups()
        findings.append(
            check_group(
                groups,
                wanted_groups,
                root=os.geteuid() == 0,
                joined=bool(wanted_groups) and has_joined(wanted_groups[0]),
                all_open=bool(ports) and all(port.openable for port in ports),
            )
        )
    findings += [check_port(port, wanted=sensor is not None and _same(port.url, sensor)) for port in ports]
    if not ports and sensor is None:
        findings.append(
            _finding(
                "port", Verdict.NOTE, "nothing is plugged in", "plug the sensor in, or try goodpain demo"
            )
        )
    if sensor is not None:
        findings += examine(sensor, dialect, baud, seconds, folder, quiet=as_json)
    failed = any(finding.verdict is Verdict.PROBLEM for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": not failed, "findings": [asdict(finding) for finding in findings]}))
    else:
        for line in page(findings):
            click.echo(line, file=own_sequences(sys.stdout))
    return 1 if failed else 0


def _finding(subject: str, verdict: str, text: str, todo: str = "") -> Finding:
    from firmware_bridge.doctor import Finding, Verdict

    return Finding(subject, Verdict(verdict), text, todo)


def _same(one: str, other: str) -> bool:
    return one == other or ("://" not in other and os.path.realpath(one) == os.path.realpath(other))


def check_python() -> Finding:
    """The interpreter."""
    return _finding("python", "ok", f"{sys.version.split()[0]} on {sys.platform}")


def check_packages() -> list[Finding]:
    """The packages that Goodpain stands on."""
    found: list[str] = []
    missing: list[str] = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    try:
        found.append(f"bleak {version('bleak')}")
    except PackageNotFoundError:
        found.append("no bleak (only for Bluetooth)")
    if missing:
        return [
            _finding(
                "packages",
                "problem",
                f"missing: {', '.join(missing)}",
                "install Goodpain anew: pip install goodpain",
            )
        ]
    return [_finding("packages", "ok", ", ".join(found))]


def check_terminal_here() -> Finding:
    """The terminal that this runs in."""
    size = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "ascii").lower()
    return check_terminal(sys.stdout.isatty(), size.columns, size.lines, encoding, os.environ)


def check_terminal(
    is_terminal: bool, columns: int, rows: int, encoding: str, environment: Mapping[str, str]
) -> Finding:
    """Whether a terminal can show the live screen."""
    if not is_terminal:
        return _finding("terminal", "ok", "the output goes elsewhere, so it was not looked at")
    term = environment.get("TERM", "")
    if environment.get("NO_COLOR"):
        colours = "no colours (NO_COLOR)"
    elif environment.get("COLORTERM") in ("truecolor", "24bit"):
        colours = "16 million colours"
    else:
        colours = "256 colours" if "256" in term else "few colours"
    unicode = "utf" in encoding
    text = f"{columns}×{rows}, {colours}, {encoding}"
    if not unicode:
        return _finding(
            "terminal", "note", text, 'set glyphs = "ascii" in the settings, or a UTF-8 locale (LANG=C.UTF-8)'
        )
    if columns < COLUMNS_MIN or rows < ROWS_MIN:
        return _finding("terminal", "note", text, f"make the window at least {COLUMNS_MIN}×{ROWS_MIN}")
    if term in ("", "dumb"):
        return _finding(
            "terminal", "note", f"{text}, TERM={term or 'not set'}", "use --plain, or another terminal"
        )
    return _finding("terminal", "ok", text)


def check_folder(folder: Path) -> Finding:
    """Whether the record can be written and is whole."""
    from tui.opening import HISTORY_FILE

    existing = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return _finding(
            "record",
            "problem",
            f"{folder} cannot be written",
            "choose another folder with --data, or mend its permissions",
        )
    if folder.is_dir() and sys.platform != "win32" and folder.stat().st_mode & stat.S_IWOTH:
        return _finding(
            "record",
            "problem",
            f"everybody on this computer can put files into {folder}: other settings, another ceiling, another record",
            f"make it yours alone: chmod 700 {folder}",
        )
    free_mb = shutil.disk_usage(existing).free / 1e6
    path = folder / HISTORY_FILE
    if not path.exists():
        return _finding("record", "ok", f"{folder}: nothing recorded yet, {free_mb:.0f} MB free")
    size_mb = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6
    text = f"{folder}: {size_mb:.1f} MB, {free_mb:.0f} MB free"
    damage = damage_of(path)
    if damage:
        return _finding(
            "record",
            "problem",
            f"{text}; {HISTORY_FILE} is damaged: {damage}",
            "copy the folder away before anything else",
        )
    if free_mb < 100:
        return _finding(
            "record", "problem", text, "free some space: an hour at 80 samples a second needs about 5 MB"
        )
    return _finding("record", "ok", f"{text}, whole")


def damage_of(path: Path) -> str:
    """What SQLite finds wrong with a file, without changing it; empty when nothing."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
        try:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else found.splitlines()[0]


def examine(
    url: str, dialect: str | None, baud: int, seconds: float, folder: Path, *, quiet: bool
) -> list[Finding]:
    """Listen to a sensor and judge what was heard."""
    from firmware_bridge import BridgeError, calibration, open_sensor
    from firmware_bridge.doctor import check_calibration, check_signal
    from firmware_bridge.doctor_facts import listen
    from tui.opening import CALIBRATIONS_FOLDER

    calibrations = folder / CALIBRATIONS_FOLDER
    line = own_sequences(sys.stderr)

    def tell(left_s: float) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\rListening to {one_line(url)} … {left_s:4.0f} s ", nl=False, file=line)

    try:
        with open_sensor(url, dialect=dialect, baud=baud, calibration_folder=calibrations) as sensor:
            facts = listen(sensor, seconds, tell)
    except BridgeError as error:
        return [_finding("sensor", "problem", str(error))]
    if not quiet and sys.stderr.isatty():
        click.echo("\r" + " " * (WIDTH - 1) + "\r", nl=False, file=line)
    findings = check_signal(facts)
    if facts.samples:
        path = calibration.find(facts.serial, calibrations)
        try:
            kept = calibration.load(path) if path else None
        except BridgeError as error:
            return [*findings, _finding("calibration", "problem", str(error))]
        findings.append(check_calibration(facts, kept, date.today()))
    return findings


def page(findings: list[Finding]) -> list[str]:
    """The lines of the page, at most `WIDTH` columns: their colours are our own, what was found is printable."""
    from firmware_bridge.doctor import Verdict

    colours = {Verdict.OK: "green", Verdict.NOTE: "yellow", Verdict.PROBLEM: "red"}
    room = WIDTH - MARK_WIDTH - SUBJECT_WIDTH
    lines: list[str] = []
    for finding in findings:
        rows = textwrap.wrap(one_line(finding.text), room, break_on_hyphens=False) or [""]
        if finding.todo:
            rows += textwrap.wrap(
                one_line(finding.todo),
                room,
                initial_indent="→ ",
                subsequent_indent="  ",
                break_on_hyphens=False,
            )
        mark = click.style(f"{finding.verdict:<{MARK_WIDTH}}", fg=colours[finding.verdict])
        lines.append(f"{mark}{one_line(finding.subject):<{SUBJECT_WIDTH}}{rows[0]}")
        lines += [" " * (MARK_WIDTH + SUBJECT_WIDTH) + row for row in rows[1:]]
    problems = sum(finding.verdict is Verdict.PROBLEM for finding in findings)
    notes = sum(finding.verdict is Verdict.NOTE for finding in findings)
    if problems:
        closing = "One problem." if problems == 1 else f"{problems} problems."
    else:
        closing = "No problem." if notes else "All is well."
    return [*lines, "", closing + (f" Notes: {notes}." if notes else "")]
