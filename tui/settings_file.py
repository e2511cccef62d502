"""Writing into the user's settings file: what is changed is changed, every comment and blank line stays."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.exceptions import TOMLKitError

from feedback.private_file import private_folder
from tui.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def write_keys(path: Path, keys: Mapping[str, str]) -> None:
    """Make `[keys]` hold exactly `keys`; the file is made when there is none.

    The file is replaced in one step: whoever reads it sees the old or the new one.

    Raises:
        SettingsError: it cannot be read or written, or is not valid TOML; it is as it was.
    """
    _change(path, lambda text: _with_keys(text, keys))


def write_values(path: Path, values: Mapping[str, str | bool | float]) -> None:
    """Set these values at the top of the file, as `write_keys` sets keys.

    Raises:
        SettingsError: as `write_keys`.
    """
    _change(path, lambda text: _with_values(text, values))


def _change(path: Path, change: Callable[[str], str]) -> None:
    try:
        # As bytes: the ends of lines stay what they are.
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the settings in {path} cannot be read ({error}): mend the file first"
        ) from error
    try:
        new = change(text)
    except TOMLKitError as error:
        raise SettingsError(f"the settings in {path} are not valid TOML: {error}") from error
    if new == text:
        return
    try:
        _replace(path, new.encode())
    except OSError as error:
        raise SettingsError(
            f"the settings in {path} cannot be written ({error.strerror or error}): give yourself write access to "
            "the file and its folder"
        ) from error


def _with_keys(text: str, keys: Mapping[str, str]) -> str:
    document = tomlkit.parse(text)
    if "keys" not in document:
        if not keys:
            return text
        if text and not text.endswith("\n"):
            document.add(tomlkit.nl())
        if text:
            document.add(tomlkit.nl())
        document.add("keys", tomlkit.table())
    table = document["keys"]
    if not hasattr(table, "keys"):
        raise TOMLKitError("keys is not a table")
    for name in list(table):  # type: ignore[arg-type]
        if name not in keys:
            del table[name]  # type: ignore[union-attr]
    for name, value in keys.items():
        if table.get(name) != value:  # type: ignore[union-attr]
            table[name] = value  # type: ignore[index]
    return tomlkit.dumps(document)


def _with_values(text: str, values: Mapping[str, str | bool | float]) -> str:
    document = tomlkit.parse(text)
    for name, value in values.items():
        if document.get(name) != value:
            document[name] = value
    return tomlkit.dumps(document)


def _replace(path: Path, data: bytes) -> None:
    """Put new content in the place of a file, with its permissions; a link stays a link."""
    target = path.resolve()
    private_folder(target.parent)
    mode = 0o600
    if target.exists():
        mode = target.stat().st_mode & 0o7777
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "it is read-only", str(target))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
