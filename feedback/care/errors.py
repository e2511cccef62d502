"""What can go wrong in the course of care.

CareError (a ValueError)
└── CareFileError   a list or rule in a file cannot be used; names the file, the key and the reason
"""

from __future__ import annotations

from feedback.refusal import Refusal


class CareError(Refusal, ValueError):
    """An entry or a number that is not allowed; one sentence that says what would be."""


class CareFileError(CareError):
    """A file of the course of care cannot be used."""

    def __init__(self, where: str, key: str, reason: str) -> None:
        super().__init__(f"in {where}: {key + ' ' if key else ''}{reason}")
        self.where = where
        self.key = key
        self.reason = reason
