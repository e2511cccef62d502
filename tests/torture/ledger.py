"""What a fault did to the samples: each one sent is in the record, known to be lost, or lost silently.

Sample number i of the device has counts that no other number has, so a record can be held against what was sent:

    recorded   in the record, once, in its order, with its own counts
    known      not in the record, and the record says so just there: a loss counted, a gap or a restart noted, a
               session that was cut off
    silent     not in the record, and nothing in it says so
    wrong      in the record, but never sent so: other counts, twice, or out of order
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from feedback.drills import Void
from feedback.history import open_history
from feedback.signal import ForceBlock, Quality

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
    """Hold a record's sessions against the numbers of the samples that were sent, in their order.

    Args:
        record: the database, closed or left behind by a process that was killed.
        sent: numbers of the samples as the device took them, each once, rising.
        told: what the program said to its user. Where no session began, samples are known to be missing only when
            it said why.
    """
    held = _Held([counts_of(number) for number in sent])
    ended: list[str] = []
    events: list[str] = []
    with open_history(record) as history:
        history.recover()
        problems = history.check()
        for session in history.sessions():
            ended.append(session.ended_how or "running")
            events += [event.kind for event in session.events]
            breaks = sorted(event.time_s for event in session.events if event.kind in BREAKS)
            held.take(history.samples(session.id), breaks, ended=session.ended_how is not None)
    if told and not ended:
        held.announced[0] = len(held.announced)
    return held.found(ended, events, problems)


def found_in_attempts(record: Path, sent: Sequence[int], told: str = "") -> Found:
    """Hold a record's attempts, which all began before they were touched, against the counts that were sent.

    Only what came since the first sample that was kept counts as sent, and what came after an attempt had ended does
    not: before and after it nothing is recorded.

    Args:
        record: as for `found_in`.
        sent: counts of the samples, no two alike, in order.
        told: what the program said to its user.
    """
    with open_history(record) as history:
        history.recover()
        history.training.recover()
        problems = history.check()
        attempts = list(history.training.attempts())
        traces = [history.training.trace(one.attempt_id) for one in attempts]
    blocks = [list(trace.blocks) if trace else [] for trace in traces]
    kept = [counts for one in blocks for block in one for counts in block.counts.tolist()]
    if kept and kept[0] in sent:
        sent = sent[sent.index(kept[0]) :]
    if kept and kept[-1] in sent and all(one.void is not Void.CUT_OFF for one in attempts):
        sent = sent[: sent.index(kept[-1]) + 1]
    held = _Held(sent)
    for one in blocks:
        held.take(one, [], ended=True)
    if told and not attempts:
        held.announced[0] = len(held.announced)
    return held.found([one.void.value if one.void else "counts" for one in attempts], [], problems)


class _Held:
    """Samples of a record held against those that were sent.

    Attributes:
        announced: by place among those that were sent, how many samples just before it the record says are lost; all,
            where it cannot say how many.
    """

    def __init__(self, sent: Sequence[int]) -> None:
        """Take the counts of the samples that were sent, no two alike, in order."""
        self._place = {counts: i for i, counts in enumerate(sent)}
        self.announced = np.zeros(len(sent) + 1, np.int64)
        self._seen = np.zeros(len(sent), np.bool_)
        self._wrong = 0
        self._last = -1

    def take(self, blocks: Iterable[ForceBlock], breaks: Sequence[float], *, ended: bool) -> None:
        """One session or attempt: its samples, when something is missing, whether it says how it ended."""
        before_s = -np.inf
        for block in blocks:
            lost = block.lost
            rows = zip(block.counts.tolist(), block.time_s.tolist(), block.quality.tolist(), strict=True)
            for counts, time_s, quality in rows:
                at = self._place.get(counts)
                if at is None or at <= self._last:
                    self._wrong += 1
                    continue
                self._seen[at] = True
                self.announced[at] += lost
                lost = 0
                if quality & Quality.CLOCK_RESTART or any(before_s <= b <= time_s for b in breaks):
                    self.announced[at] = len(self._seen)
                self._last, before_s = at, time_s
        # What came after its last sample is known to be missing when it says how it ended.
        if ended:
            self.announced[self._last + 1] = len(self._seen)

    def found(self, ended: Sequence[str], events: Sequence[str], problems: Sequence[str]) -> Found:
        """The sums."""
        known = silent = missing_from = 0
        sent = len(self._seen)
        for at in [*np.flatnonzero(self._seen).tolist(), sent]:
            missing = at - missing_from
            if missing:
                told = int(self.announced[at] if at < sent else self.announced[missing_from])
                known += min(missing, told)
                silent += missing - min(missing, told)
            missing_from = at + 1
        return Found(
            sent=sent,
            recorded=int(self._seen.sum()),
            known=known,
            silent=silent,
            wrong=self._wrong,
            ended=tuple(ended),
            events=tuple(dict.fromkeys(events)),
            problems=tuple(problems),
        )


BREAKS = frozenset({"gap", "signal lost", "signal back", "clock restarted"})
"""Events that say: here something is missing, nobody can say how much."""
