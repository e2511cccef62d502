"""Why a port did not open, in one sentence that says what to do."""

from __future__ import annotations

import errno
import importlib
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import serial
from serial.tools import list_ports

from firmware_bridge.errors import PortBusyError, PortDeniedError, PortError, PortNotFoundError

if sys.platform != "win32":
    import grp
    import pwd

SCHEMES = "sim://, socket://, ble://, rfc2217://, replay://, spy://, hwgrep:// and loop://"

_BUSY = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EBUSY}
_GONE = {errno.ENOENT, errno.ENXIO, errno.ENODEV}
_DENIED = {errno.EACCES, errno.EPERM}


def explain(url: str, baud: int, error: Exception) -> PortError:
    """Turn what pyserial or the system raised on opening `url` into the right `PortError`."""
    scheme = url.split("://", 1)[0].lower() if "://" in url else ""
    number = _errno_of(error)
    if "baud" in str(error).lower():
        return PortError(f"{url} cannot run at {baud} baud: most sensors use 115200, 57600, 38400 or 9600")
    if scheme in ("rfc2217", "socket"):
        return _unreachable(url, error)
    if scheme == "hwgrep" and "no ports found" in str(error):
        return PortNotFoundError(f"No port fits {url}: {_what_is_there()}")
    if scheme and scheme not in ("spy", "alt"):
        return _bad_url(url, scheme, error)
    path = url.split("://", 1)[-1].split("?", 1)[0]
    if number in _GONE:
        return PortNotFoundError(f"There is no port {path}: {_what_is_there()}")
    if number in _BUSY or (sys.platform == "win32" and number in _DENIED):
        return PortBusyError(
            f"{path} is in use by {_holder_of(path)}: close it there (a serial monitor, another Goodpain) and try again"
        )
    if number in _DENIED:
        return PortDeniedError(_denied(path))
    # pathlib raises for what can be no name of a file.
    if os.path.isfile(path):
        hint = f"; to play a raw recording say replay://{path}" if _is_recording(path) else ""
        return PortError(f"{path} is a file, not a port: `goodpain sensors` lists the ports{hint}")
    return PortError(
        f"{path} does not work as a serial port ({_reason(error)}): `goodpain sensors` lists those connected"
    )


def _errno_of(error: Exception) -> int | None:
    number = getattr(error, "errno", None)
    if isinstance(number, int):
        return number
    # On Windows pyserial only quotes the system's exception: "could not open port 'COM9': FileNotFoundError(2, …".
    quoted = re.search(r"(?:Error\(|\()(\d+),", str(error))
    return int(quoted[1]) if quoted else None


def _reason(error: Exception) -> str:
    number = _errno_of(error)
    return os.strerror(number) if number else str(error)


def _what_is_there() -> str:
    there = sorted(
        f"{port.device} ({port.description})" if port.description not in ("", "n/a") else port.device
        for port in list_ports.comports()
    )
    if not there:
        return "no serial port is connected; plug the sensor in and look with `goodpain sensors`"
    return f"connected now: {', '.join(there)}; `goodpain sensors` tells more"


def _unreachable(url: str, error: Exception) -> PortError:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None:
        scheme = url.split("://", 1)[0]
        return PortError(
            f"{url} does not say where to go: write {scheme}://host:port, as {scheme}://192.168.4.1:10001"
        )
    reason = getattr(error, "strerror", None) or str(error).rsplit("] ", 1)[-1]
    return PortNotFoundError(
        f"Nothing answers at {host} port {port} ({reason}): check that the sensor is on, in the same network, "
        "and that address and port number are right"
    )


def _bad_url(url: str, scheme: str, error: Exception) -> PortError:
    if isinstance(error, LookupError):
        return PortError(
            f"{url} has an option that {scheme}:// does not know: leave out what follows the question mark"
        )
    if "not known" not in str(error):
        return PortError(f"{url} cannot be opened: {error}")
    for package in serial.protocol_handler_packages:
        name = f"{package}.protocol_{scheme}"
        try:
            importlib.import_module(name)
        except ImportError as broken:
            # pyserial swallows this one, and then says that the scheme is unknown.
            if broken.name is not None and not name.startswith(broken.name):
                return PortError(
                    f"{scheme}:// cannot be used because {broken.name} is missing: install Goodpain anew"
                )
    return PortError(
        f"“{scheme}://” is not an address that a sensor can have: use a device name such as /dev/ttyUSB0 or COM3, "
        f"or one of {SCHEMES}"
    )


def _is_recording(path: str) -> bool:
    from firmware_bridge.replay import MAGIC

    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _denied(path: str) -> str:
    """Name the group that may open `path`, and how to join it."""
    if sys.platform == "win32":
        return f"Windows does not let this user open {path}: ask its administrator"
    try:
        gid, mode = os.stat(path).st_gid, os.stat(path).st_mode
        group = grp.getgrgid(gid)
    except (OSError, KeyError):
        return f"This user may not open {path}: ask the administrator of this computer for access to it"
    if not mode & 0o060 or gid == 0:
        return f"This user may not open {path}, and no group may: run `sudo chmod a+rw {path}`, or ask an administrator"
    user = user_name()
    if user in group.gr_mem and gid not in os.getgroups():
        return (
            f"This user joined the group “{group.gr_name}” but this login is older than that: "
            "log out and in again, then try again"
        )
    return (
        f"Only members of the group “{group.gr_name}” may open {path}: "
        f"run `sudo usermod -aG {group.gr_name} $USER`, log out and in again"
    )


def user_name() -> str:
    """The user that this program runs as; empty where the system does not say."""
    if sys.platform == "win32":
        return ""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""


def _holder_of(path: str) -> str:
    return " and ".join(holders_of(path)) or "another program"


def holders_of(path: str) -> list[str]:
    """The programs that have `path` open, as far as this user may see (Linux only)."""
    target = os.path.realpath(path)
    holders: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.path.realpath(link) == target for link in (process / "fd").iterdir()):
                program = (process / "comm").read_text().strip()
                own = int(process.name) == os.getpid()
                holders.append("this program itself" if own else f"{program} (process {process.name})")
        except OSError:
            continue  # ended meanwhile, or belongs to somebody else
    return holders
