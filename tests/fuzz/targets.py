"""All targets by name: a function of some bytes and a folder of its own that raises when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz import (
    beside_targets,
    byte_targets,
    command_targets,
    decoder_targets,
    record_targets,
    text_targets,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    **decoder_targets.TARGETS,
    **text_targets.TARGETS,
    **byte_targets.TARGETS,
    **beside_targets.TARGETS,
    **record_targets.TARGETS,
    **command_targets.TARGETS,
}
