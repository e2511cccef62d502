"""Reads the shipped atlas and the user's own from disk."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from feedback.atlas.joining import join
from feedback.atlas.model import AtlasError
from feedback.atlas.reading import Page, page_from_toml
from feedback.small_file import read_small

if TYPE_CHECKING:
    from pathlib import Path

    from feedback.atlas.atlas import Atlas

OWN_NAME = "atlas.toml"
"""The user's own page, in the folder of the record."""


def load_atlas(own: Path | None = None) -> Atlas:
    """Read the atlas.

    Args:
        own: the user's own page (`<data>/atlas.toml`); a file that is not there adds nothing.

    Raises:
        AtlasError: a page that cannot be used; the message names the file, the key and the reason.
    """
    return join(shipped_pages(), _own_page(own) if own else None)


def shipped_pages() -> list[Page]:
    """The pages that come with Goodpain."""
    folder = files("feedback.atlas") / "data"
    pages = sorted(
        (page for page in folder.iterdir() if page.name.endswith(".toml")), key=lambda one: one.name
    )
    return [page_from_toml(page.read_text("utf-8"), page.name) for page in pages]


def _own_page(path: Path) -> Page | None:
    try:
        text = read_small(path)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise AtlasError(f"your atlas {path} cannot be read ({error}): mend or remove the file") from error
    return page_from_toml(text, str(path), own=True)
