"""The list and the rules that come with Goodpain, and the user's own in the folder of the record."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from feedback.care.check import CheckItem, checks_from_toml
from feedback.care.errors import CareFileError
from feedback.care.rules import CareRules, rules_from_toml
from feedback.small_file import read_small

if TYPE_CHECKING:
    from pathlib import Path

CHECK_FILE = "check.toml"
RULES_FILE = "care.toml"


def checks(own: Path | None = None) -> tuple[CheckItem, ...]:
    """The questions before a session: those of `check.toml` in the folder `own`, else those that come with Goodpain.

    Raises:
        CareFileError: the own file cannot be read or used.
    """
    text = _own(own, CHECK_FILE)
    if text is not None and own is not None:
        return checks_from_toml(text, str(own / CHECK_FILE))
    return checks_from_toml(_shipped(CHECK_FILE), CHECK_FILE)


def rules(own: Path | None = None) -> CareRules:
    """The rules in force: those that come with Goodpain, with what `care.toml` in the folder `own` says instead.

    Raises:
        CareFileError: the own file cannot be read or used.
    """
    base = rules_from_toml(_shipped(RULES_FILE), RULES_FILE)
    text = _own(own, RULES_FILE)
    return base if text is None or own is None else rules_from_toml(text, str(own / RULES_FILE), base)


def shipped_text(name: str) -> str:
    """A file that comes with Goodpain as it is, to be copied and changed: `check.toml` or `care.toml`."""
    return _shipped(name)


def _shipped(name: str) -> str:
    return files("feedback.care").joinpath(name).read_text("utf-8")


def _own(folder: Path | None, name: str) -> str | None:
    if folder is None:
        return None
    try:
        return read_small(folder / name)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CareFileError(
            str(folder / name), "", f"it cannot be read ({error}): mend or remove the file"
        ) from None
