"""What a fault did to the samples: each one sent is in the record, known to be lost, or lost silently.

Sample number i of the device has counts that no other number has, so a record can be held against what was sent:

    recorded   in the record, once, in its order, with its own counts
    known      not in the record, and the record says so just there: a loss counted, a gap or a restart noted, a
               session that was cut off
    silent     not in the record, and nothing in it says so
    wrong      in the record, but never sent so: other counts, twice, or out of order
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from feedback.history import open_history
from feedback.signal import Quality

_STEP = 7_919
"""A prime: neighbouring samples have counts far apart, and no two of the first 2^22 have the same."""
_SPAN = 1 << 22


def counts_of(index: int) -> int:
    """The counts of a sample, within ±2^21: one flipped bit makes another sample's counts, or nobody's."""
    return index * _STEP % _SPAN - _SPAN // 2


@dataclass(frozen=True, slots=True)
class Found:
    """One try, as the record shows it.

    Attributes:
        sent: samples that the device handed over, spoilt or not.
        recorded, known, silent, wrong: as above; known + silent + recorded = sent.
        ended: how each session ended.
        events: kinds of the events in the record.
        problems: what is wrong with the database by its own account.
    """

    sent: int
    recorded: int
    known: int
    silent: int
    wrong: int
    ended: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """All tries of one fault.

    Attributes:
        tries: how often.
        sent, recorded, known, silent, wrong: samples, summed.
        seen: what the user saw, in the program's own words.
        kept: what the record holds of it.
        failures: what was not as it must be; empty when all is well.
    """

    tries: int = 0
    sent: int = 0
    recorded: int = 0
    known: int = 0
    silent: int = 0
    wrong: int = 0
    seen: str = ""
    kept: str = ""
    failures: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """One more try."""
        self.tries += 1
        self.sent += found.sent
        self.recorded += found.recorded
        self.known += found.known
        self.silent += found.silent
        self.wrong += found.wrong
        self.failures += [f"database: {problem}" for problem in found.problems]

    def must(self, holds: bool, otherwise: str) -> None:
        """A demand; what is said when it is not met."""
        if not holds:
            self.failures.append(otherwise)

    @property
    def well(self) -> bool:
        """Nothing was lost silently, nothing wrong was taken in, and every demand was met."""
        return not (self.silent or self.wrong or self.failures)


def found_in(record: Path, sent: Iterable[int], told: str = "") -> Found:
    """Hold a record against the numbers of the samples that were sent, in their order.

    Args:
        record: the database, closed or left behind by a process that was killed.
        sent: numbers of the samples as the device took them, each once, rising.
        told: what the program said to its user. Where no session began, samples are known to be missing only when
            it said why.
    """
    numbers = np.fromiter(sent, np.int64)
    place = {counts_of(int(n)): i for i, n in enumerate(numbers)}
    announced = np.zeros(len(numbers) + 1, np.int64)
    """By place: how many samples just before it the record says are lost; all, where it cannot say how many."""
    seen = np.zeros(len(numbers), np.bool_)
    wrong = 0
    last = -1
    ended: list[str] = []
    events: list[str] = []
    with open_history(record) as history:
        history.recover()
        problems = history.check()
        for session in history.sessions():
            ended.append(session.ended_how or "running")
            events += [event.kind for event in session.events]
            breaks = sorted(event.time_s for event in session.events if event.kind in BREAKS)
            before_s = -np.inf
            for block in history.samples(session.id):
                lost = block.lost
                rows = zip(block.counts.tolist(), block.time_s.tolist(), block.quality.tolist(), strict=True)
                for counts, time_s, quality in rows:
                    at = place.get(counts)
                    if at is None or at <= last:
                        wrong += 1
                        continue
                    seen[at] = True
                    announced[at] += lost
                    lost = 0
                    if quality & Quality.CLOCK_RESTART or any(before_s <= b <= time_s for b in breaks):
                        announced[at] = len(numbers)
                    last, before_s = at, time_s
            # What came after its last sample is known to be missing when the session says how it ended.
            if session.ended_how is not None:
                announced[last + 1] = len(numbers)
        if told and not ended:
            announced[0] = len(numbers)
    known = silent = 0
    missing_from = 0
    for at in [*np.flatnonzero(seen).tolist(), len(numbers)]:
        missing = at - missing_from
        if missing:
            told = int(announced[at] if at < len(numbers) else announced[missing_from])
            known += min(missing, told)
            silent += missing - min(missing, told)
        missing_from = at + 1
    return Found(
        sent=len(numbers),
        recorded=int(seen.sum()),
        known=known,
        silent=silent,
        wrong=wrong,
        ended=tuple(ended),
        events=tuple(dict.fromkeys(events)),
        problems=tuple(problems),
    )


BREAKS = frozenset({"gap", "signal lost", "signal back", "clock restarted"})
"""Events that say: here something is missing, nobody can say how much."""
