"""What can be wrong with a drill.

DrillError          a file of a drill says something that cannot be; names file, line and reason
TaskError           a drill cannot be done as it is: above the ceiling, beyond the sensor, too light
"""

from __future__ import annotations

from feedback.refusal import Refusal


class DrillError(Refusal, ValueError):
    """A file of a drill that cannot be read.

    Attributes:
        where: the file's name.
        line: counted from 1; None when the fault has no line of its own (a key that is missing).
        reason: what is wrong and what is allowed.
    """

    def __init__(self, where: str, line: int | None, reason: str) -> None:
        self.where, self.line, self.reason = where, line, reason
        at = where if line is None else f"{where}, line {line}"
        super().__init__(f"{at}: {reason}")


class TaskError(Refusal, ValueError):
    """A drill that cannot be attempted with this ceiling, tip or sensor; says why and what to do."""
