"""Which pages of a damaged file hold rows of which table, and the rows themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feedback.history import tables as t
from feedback.history.salvage.cells import (
    INDEX_INNER,
    INDEX_LEAF,
    INNER,
    LEAF,
    Leaf,
    Value,
    children,
    inner_entries,
    kind_of,
    leaf,
)
from feedback.history.salvage.rules import Rule, chunk_problem, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedback.history.salvage.pages import Pages
    from feedback.history.work import Work

Row = tuple[Value, ...]
CHUNKS = frozenset({t.sample_chunk.name, t.attempt_chunk.name})


@dataclass(slots=True)
class Found:
    """What was found, beside the rows that were handed on.

    Attributes:
        missing: pages that cannot be read at all, or that should hold rows and do not.
        doubtful: rows that stand beside damaged bytes, or make no sense themselves, by table; "" where none is known.
        broken_chunks: chunks whose samples do not come out, by table.
        expected: how many rows a table had, as far as its index tells.
        codes: the code of each client, as far as the indexes tell: what is left of a client whose row is lost.
        points: client's id, muscle, side and label of each point, likewise.
    """

    missing: int = 0
    doubtful: Counter[str] = field(default_factory=Counter[str])
    broken_chunks: Counter[str] = field(default_factory=Counter[str])
    expected: dict[str, int] = field(default_factory=dict[str, int])
    codes: dict[str, str] = field(default_factory=dict[str, str])
    points: dict[str, Row] = field(default_factory=dict[str, Row])


@dataclass(frozen=True, slots=True)
class _Unsure:
    """Rows of a page that may be of several tables."""

    rows: dict[str, list[Row]]


class Finder:
    """Goes through all pages once.

    Args:
        pages: of the damaged file.
        keep: takes rows of a table; called again and again.
    """

    def __init__(self, pages: Pages, keep: Callable[[Rule, list[Row]], None]) -> None:
        self._pages = pages
        self._keep = keep
        self._rules = {rule.table.name: rule for rule in rules()}
        self._roots = self._read_schema()
        self._owners = self._walk()
        self._named: dict[str, set[Value]] = defaultdict(set)
        """Ids that rows found so far name, by the table that they are of."""
        self._ids: dict[str, set[Value]] = defaultdict(set)
        self.found = Found()

    def run(self, work: Work) -> Found:
        """Hand on every row that can be read and makes sense."""
        unsure: list[_Unsure] = []
        count = self._pages.count
        # What the tree of a table reaches goes before what merely lies about.
        order = sorted(range(2, count + 1), key=lambda number: number not in self._owners)
        for done, number in enumerate(order):
            if not done % 16:
                work.step(done, count, "reading")
            self._look_at(number, unsure)
        self._settle(unsure)
        self._ask_indexes()
        return self.found

    def _look_at(self, number: int, unsure: list[_Unsure]) -> None:
        owner = self._owners.get(number)
        page = self._pages.read(number)
        if page is None:
            self.found.missing += 1
            return
        held = leaf(self._pages, number, page) if kind_of(page, number) == LEAF else None
        if held is None or (not held.cells and held.bad):
            self.found.missing += owner is not None
            return
        if not held.cells:
            return
        candidates = [owner] if owner else list(self._rules)
        read = {name: rows for name in candidates if (rows := self._rows(self._rules[name], held))}
        if not read and owner:
            # The tree is damaged too and names the wrong page.
            read = {name: rows for name, rule in self._rules.items() if (rows := self._rows(rule, held))}
        if not read:
            self.found.doubtful[owner or ""] += len(held.cells) + held.bad if owner or held.holes else 0
            return
        most = max(map(len, read.values()))
        read = {name: rows for name, rows in read.items() if len(rows) == most}
        if len(read) > 1:
            unsure.append(_Unsure(read))
            return
        [(name, rows)] = read.items()
        self.found.doubtful[name] += len(held.cells) + held.bad - len(rows)
        self._hand_on(name, rows)

    def _rows(self, rule: Rule, held: Leaf) -> list[Row]:
        strict = bool(held.holes or held.bad)
        return [
            row
            for cell in held.cells
            if not held.beside_damage(cell) and (row := rule.row(cell, strict=strict)) is not None
        ]

    def _hand_on(self, name: str, rows: list[Row]) -> None:
        rule = self._rules[name]
        if name in CHUNKS:
            whole = [row for row in rows if not chunk_problem(rule, row)]
            self.found.broken_chunks[name] += len(rows) - len(whole)
            rows = whole
        else:
            self._ids[name].update(row[0] for row in rows)
        for place, parent, _ in rule.parents:
            self._named[parent].update(row[place] for row in rows)
        self._keep(rule, rows)

    def _settle(self, unsure: list[_Unsure]) -> None:
        """Rows that could be of several tables are of the one whose rows they know, or are known by."""

        def score(name: str, rows: list[Row]) -> int:
            rule = self._rules[name]
            known = sum(row[0] in self._named[name] for row in rows)
            return known + sum(
                row[place] in self._ids[parent] | self._named[parent]
                for place, parent, _ in rule.parents
                for row in rows
            )

        # Parents that were settled in the first round help their children in the second.
        for last in (False, False, True):
            left: list[_Unsure] = []
            for one in unsure:
                scores = {name: score(name, rows) for name, rows in one.rows.items()}
                best = max(scores.values())
                names = [name for name, value in scores.items() if value == best]
                if best and (len(names) == 1 or last):
                    self._hand_on(names[0], one.rows[names[0]])
                elif last:
                    # Nobody knows them: tables stand with parents first, so that this is the plainest.
                    self._hand_on(names[0], one.rows[names[0]])
                else:
                    left.append(one)
            unsure = left

    def _read_schema(self) -> dict[str, int]:
        """The first page of each table and index, by name, as far as the first pages can be read."""
        roots: dict[str, int] = {}
        for number in self._tree(1, INNER, LEAF):
            page = self._pages.read(number)
            held = leaf(self._pages, number, page) if page is not None else None
            for cell in held.cells if held else ():
                if len(cell.values) == 5:
                    _, name, _, root, _ = cell.values
                    if isinstance(name, str) and isinstance(root, int) and 1 < root <= self._pages.count:
                        roots[name] = root
        return roots

    def _walk(self) -> dict[int, str]:
        owners: dict[int, str] = {}
        for name in self._rules:
            if name in self._roots:
                for number in self._tree(self._roots[name], INNER, LEAF):
                    owners.setdefault(number, name)
        return owners

    def _tree(self, root: int, inner: int, bottom: int) -> list[int]:
        """The bottom pages of a tree, with those that are damaged or missing where they are named."""
        seen: set[int] = set()
        waiting, found = [root], list[int]()
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            page = self._pages.read(number)
            kind = None if page is None else kind_of(page, number)
            if page is not None and kind == inner:
                waiting.extend(children(self._pages, page, number))
            elif kind == bottom or (kind not in (INNER, LEAF, INDEX_INNER, INDEX_LEAF)):
                found.append(number)
        return found

    def _entries(self, index: str) -> list[Row]:
        """What an index holds, as far as it can be read."""
        if index not in self._roots:
            return []
        seen: set[int] = set()
        waiting, found = [self._roots[index]], list[Row]()
        while waiting:
            number = waiting.pop()
            page = None if number in seen else self._pages.read(number)
            seen.add(number)
            if page is None:
                continue
            if kind_of(page, number) == INDEX_INNER:
                waiting.extend(children(self._pages, page, number))
                found.extend(inner_entries(self._pages, page, number))
            elif held := leaf(self._pages, number, page):
                found.extend(cell.values for cell in held.cells if not held.beside_damage(cell))
        return found

    def _ask_indexes(self) -> None:
        for name in self._rules:
            entries = self._entries(f"sqlite_autoindex_{name}_1")
            if entries:
                self.found.expected[name] = len({entry[-1] for entry in entries})
        for client_id, named in self._unique(t.client.name, 2):
            self.found.codes[client_id] = str(named[0])
        self.found.points.update(self._unique(t.point.name, 5))

    def _unique(self, name: str, columns: int) -> Iterator[tuple[str, Row]]:
        """Ids of a table with what its second unique index says of them: both name the row's number last."""
        ids = {
            entry[1]: str(entry[0])
            for entry in self._entries(f"sqlite_autoindex_{name}_1")
            if len(entry) == 2
        }
        for entry in self._entries(f"sqlite_autoindex_{name}_2"):
            texts = entry[:-1]
            if len(entry) == columns and entry[-1] in ids and all(isinstance(one, str) for one in texts):
                yield ids[entry[-1]], texts
