"""On what a bench ran: the processor, the system, the libraries, and how busy the machine was."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = (
    "numpy",
    "pyserial",
    "SQLAlchemy",
    "textual",
    "h5py",
    "pyarrow",
    "questplus",
    "textual-plot",
    "textual-plotext",
    "pyte",
)
"""Those that a figure depends on, and the peers."""


def about() -> dict[str, str]:
    """One line each."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{_memory_gb():.0f} GB",
        "system": f"{_system()}, {platform.system()} {platform.release()}, {platform.machine()}",
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "SQLite": sqlite3.sqlite_version,
        "libraries": ", ".join(f"{name} {_version(name)}" for name in LIBRARIES),
    }


def load() -> str:
    """The load average of 1, 5 and 15 minutes, and when that was (UTC)."""
    now = datetime.now(UTC)
    return f"{', '.join(f'{one:.1f}' for one in os.getloadavg())} at {now:%Y-%m-%d %H:%M} UTC"


def busy() -> float:
    """How many processes wanted a core, on average of the last minute."""
    return os.getloadavg()[0]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not there"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gb() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (ValueError, OSError):
        return float("nan")


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError, AttributeError):
        return platform.system()
