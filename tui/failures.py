"""Which errors are a sentence for people rather than a traceback for us."""

from __future__ import annotations

import errno


def sentence_of(error: BaseException) -> str | None:
    """The sentence to print for an expected error; None for a mistake of ours, which deserves its traceback."""
    from feedback.atlas.model import AtlasError
    from feedback.band import BandError
    from feedback.care import CareError
    from feedback.drills import DrillError, TaskError
    from feedback.history import HistoryError
    from feedback.points import PointError
    from firmware_bridge.errors import BridgeError
    from tui.settings import SettingsError
    from tui.wanted import WantedError

    expected = (
        AtlasError,
        BandError,
        BridgeError,
        CareError,
        DrillError,
        HistoryError,
        PointError,
        SettingsError,
        TaskError,
        WantedError,
    )
    if isinstance(error, expected):
        return str(error)
    if isinstance(error, OSError):
        return _system(error)
    return None


def _system(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"the disk is full{where}: free some space and try again; what was recorded before is safe"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"this place cannot be written or read{where}: choose another folder or mend its permissions"
    return f"the system refused{where}: {error.strerror or error}"
