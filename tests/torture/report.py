"""What came of all faults: a table for the terminal, and the page docs/torture.md."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.torture.cases import Case
from tests.torture.ledger import Outcome

COLUMNS = {
    "tries": "tries",
    "sent": "sent",
    "recorded": "recorded",
    "known": "known lost",
    "silent": "lost silently",
    "wrong": "wrong accepted",
}
_TEMPORARY = re.compile(r"/[^\s:,;()]*?/(?=[\w.-]+\.(?:db|toml|json)[\w.-]*|goodpain-rescue|tty\w+)")
"""The folder of a file that the program names: another one with every run."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault and what came of it; no outcome where it was not tried."""

    group: str
    case: Case
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run.

    Attributes:
        rows: of all faults that were asked for.
        seconds: how long it took.
    """

    rows: Sequence[Row]
    seconds: float

    @property
    def well(self) -> bool:
        """Nothing that was tried lost a sample silently, took in a wrong one, or was otherwise not as it must be."""
        return all(row.outcome.well for row in self.rows if row.outcome is not None)

    @property
    def last_line(self) -> str:
        """All of it in a sentence."""
        tried = [row.outcome for row in self.rows if row.outcome is not None]
        silent, wrong = sum(one.silent for one in tried), sum(one.wrong for one in tried)
        ill = sum(not one.well for one in tried)
        absent = len(self.rows) - len(tried)
        return (
            f"{len(tried)} faults tried in {self.seconds:.0f} s, {absent} not tried: {silent} samples lost silently, "
            f"{wrong} wrong samples taken in, {ill} faults not as they must be."
        )

    def lines(self) -> list[str]:
        """For a terminal."""
        width = max((len(row.case.name) for row in self.rows), default=5)
        lines = [f"{'fault':<{width}} {' '.join(f'{name:>9}' for name in COLUMNS)}"]
        for row in self.rows:
            figures = " ".join(f"{figure:>9}" for figure in _figures(row))
            mark = ""
            if row.outcome is None:
                mark = f"   not tried: {row.case.missing}"
            elif not row.outcome.well:
                mark = "   NOT WELL"
            lines.append(f"{row.case.name:<{width}} {figures}{mark}")
            lines += [f"    ! {failure}" for failure in _failures(row)]
        lines += ["", "what the user sees, and what the record holds"]
        for row in self.rows:
            if row.outcome is not None:
                lines += [
                    f"  {row.case.name}",
                    f"      user:   {row.outcome.seen or '–'}",
                    f"      record: {row.outcome.kept or '–'}",
                ]
        return [*lines, "", self.last_line]

    def page(self, about: Mapping[str, str]) -> str:
        """docs/torture.md; `about` says on what it ran."""
        parts = [
            _HEAD,
            "## The last whole run",
            "\n".join(f"* {name}: {text}" for name, text in about.items()),
            f"**{self.last_line}**",
        ]
        if ill := [row for row in self.rows if row.outcome is not None and not row.outcome.well]:
            parts.append(
                "\n".join(f"* NOT WELL: {row.case.name}: {_cell('; '.join(_failures(row)))}" for row in ill)
            )
        parts.append(
            _table(("fault", *COLUMNS.values()), [(row.case.name, *_figures(row)) for row in self.rows])
        )
        if absent := [row for row in self.rows if row.outcome is None]:
            parts.append("\n".join(f"* Not tried: {row.case.name}: it {row.case.missing}." for row in absent))
        parts.append("## What the user sees, and what the record holds")
        for group in dict.fromkeys(row.group for row in self.rows):
            told = [
                (row.case.name, row.outcome.seen or "–", row.outcome.kept or "–")
                for row in self.rows
                if row.group == group and row.outcome is not None
            ]
            if told:
                parts += [f"### {group}", _table(("fault", "the user sees", "the record holds"), told)]
        return "\n\n".join(parts) + "\n"


def _figures(row: Row) -> list[str]:
    """As in `COLUMNS`; a dash where a fault costs no samples because there are none."""
    if row.outcome is None:
        return ["–"] * len(COLUMNS)
    outcome = row.outcome
    counted = bool(outcome.sent or outcome.recorded or outcome.wrong)
    figures = [str(getattr(outcome, name)) if counted else "–" for name in COLUMNS if name != "tries"]
    return [str(outcome.tries), *figures]


def _failures(row: Row) -> list[str]:
    return [] if row.outcome is None else list(dict.fromkeys(row.outcome.failures))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    figures = "".join("|---:" if name in COLUMNS.values() else "|---" for name in head)
    lines = [f"| {' | '.join(head)} |", f"{figures}|"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    text = _TEMPORARY.sub("…/", " ".join(text.split()))
    return text.replace("|", "\\|").replace("<", "&lt;")


_HEAD = """\
# Torture

Every fault that a visit may meet, injected for real into the installed program, with a ledger of the samples. This
page is written by `python -m tests.torture --page`; nothing on it is typed by hand.

```
make torture                          # all of it
python -m tests.torture unplugged     # those whose name has a word
python -m tests.torture --page        # all of it, and this page anew
```

The exit code is 0 when of all that was tried nothing was lost silently, nothing wrong was taken in, and every fault
ended as it must. A fault whose means are missing is listed as not tried, with what it needs: Linux (all of them: what
a program does is read in `/proc`), gcc (disks and clocks that misbehave, power cuts), the right to mount a small disk
(disks that are full). Some of the faults, the quick ones, are in the suite as well.

A device on a pseudo-terminal numbers its samples, 80 a second, and gives each of them counts that no other has. The
program is the installed one: `goodpain record`, `live` in a real terminal, `practise`, `calibrate`, `review`.
Afterwards the record is held against what was sent.

| word | meaning |
|---|---|
| sent | samples that the device handed over, spoilt or not |
| | of a power cut: those that were old enough by then; of an attempt: from the first kept one until it ended |
| recorded | in the record once, in order, with its own counts |
| known lost | not there, and the record says so just there: a loss counted, a gap or restart noted, a session cut off |
| lost silently | not there, and nothing says so; must be 0 |
| wrong accepted | in the record, but never sent so: other counts, twice, or out of order; must be 0 |
| – | the fault touches no samples, or was not tried |

How a fault is made: bytes are spoilt on their way into the pseudo-terminal; signals come at random moments of a
scripted visit; disks and clocks misbehave through a library that the program loads before all others; full disks are
small ones in memory. A power cut is made from a log of all writes, at a random entry: what was synced is there, of the
rest any part may be (nothing, all, the beginning, some of the 512-byte sectors of some of the writes, in any order);
every copy must open and pass its checks. A program that dies may lose what is younger than 0.5 s, and 0.25 s are
allowed for a busy machine."""
