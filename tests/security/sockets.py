"""What a program that runs listens on, as the kernel tells (proc(5), unix(7))."""

from __future__ import annotations

import contextlib
import os
import sys
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

PROC = Path("/proc")
needs_proc = pytest.mark.skipif(
    not (PROC / "net" / "tcp").exists(), reason="/proc/net is not there to look into"
)
_LISTENS = "0A"
_ACCEPTS = 0x0001_0000


def family_of(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def listening(pid: int) -> list[str]:
    """Where a process and its descendants can be spoken to from outside, such as `tcp 127.0.0.1:7000` or `unix @name`.

    A UDP socket that is bound counts, and a Unix one that takes connections.
    """
    held: set[str] = set()
    for one in family_of(pid):
        with contextlib.suppress(OSError):
            for descriptor in (PROC / str(one) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    held.add(os.readlink(descriptor).removeprefix("socket:[").removesuffix("]"))
    found: list[str] = []
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for words in _lines(pid, kind):
            local, state, inode = words[1], words[3], words[9]
            if inode in held and (state == _LISTENS or not kind.startswith("tcp")):
                found.append(f"{kind} {_address(local)}")
    for words in _lines(pid, "unix"):
        flags, inode = int(words[3], 16), words[6]
        if inode in held and flags & _ACCEPTS:
            found.append(f"unix {words[7] if len(words) > 7 else ''}")
    return sorted(found)


def _lines(pid: int, kind: str) -> list[list[str]]:
    try:
        text = (PROC / str(pid) / "net" / kind).read_text()
    except OSError:
        return []
    return [line.split() for line in text.splitlines()[1:]]


def _address(text: str) -> str:
    """`0100007F:1B58` as `127.0.0.1:7000`: words of four bytes in the machine's own order."""
    host, port = text.split(":")
    data = b"".join(int(host[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(host), 8))
    ip = IPv4Address(data) if len(data) == 4 else IPv6Address(data)
    return f"{ip}:{int(port, 16)}"
