"""Runs the tests against one mutant at a time, each in a forked process.

A mutant inside a function is put into the living function of a process that has everything imported and every test
collected: a fork and the tests that reach its line are all it costs. A mutant at module or class level, or in a
function that runs while modules are imported, needs its module imported anew: those processes are forked before
anything of the product is imported.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tests.mutation.asking import Plan, Test, Tracer, collect, measured, run_items, warm_up
from tests.mutation.processes import Pool, fork, result_of
from tests.mutation.sites import Mutant, Site, sites_of
from tests.mutation.targets import GROUPS, ROOT


def compiled(file: str, source: str, number: int) -> tuple[CodeType, Site]:
    """The module with one error in it, and where that stands."""
    tree, sites = sites_of(source)
    sites[number].put_in()
    return compile(ast.fix_missing_locations(tree), str(ROOT / file), "exec", dont_inherit=True), sites[
        number
    ]


Alive = dict[tuple[str, int, str], list[FunctionType]]
"""Functions of this process by file, first line and qualified name."""


def alive_in(paths: set[str]) -> Alive:
    """The functions of these files that live in this process."""
    found: Alive = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename in paths:
            code = one.__code__
            found.setdefault((code.co_filename, code.co_firstlineno, code.co_qualname), []).append(one)
    return found


def put_into_living(module: CodeType, function: tuple[int, str], alive: Alive) -> None:
    """Give the living functions of that first line and name the code that they have in `module`."""
    new = next(code for code in _codes(module) if (code.co_firstlineno, code.co_qualname) == function)
    for one in alive[new.co_filename, *function]:
        one.__code__ = new


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def import_as(file: str, module: CodeType) -> None:
    """From now on the import of that file gives `module`."""
    path, get_code = str(ROOT / file), SourceFileLoader.get_code

    def mutated(self: SourceFileLoader, fullname: str) -> CodeType | None:
        return module if self.path == path else get_code(self, fullname)

    SourceFileLoader.get_code = mutated  # type: ignore[method-assign]


def _in_order(tests: list[Test]) -> list[Test]:
    """The quickest first, but module by module: what a module sets up is set up once."""
    modules: dict[str, float] = {}
    for test in tests:
        modules[test.module] = modules.get(test.module, 0.0) + test.seconds
    return sorted(tests, key=lambda t: (modules[t.module], t.module, t.seconds, t.index))


@dataclass(slots=True)
class Run:
    """Everything that one run needs and finds."""

    mutants: list[Mutant]
    folder: Path
    jobs: int
    suites: list[str]
    say: Callable[[str], None]
    plan: Plan = field(default_factory=lambda: Plan([], set(), []))
    sources: dict[str, str] = field(default_factory=dict)
    done: int = 0

    def __post_init__(self) -> None:
        files = [file for _, files in GROUPS for file in files]
        self.sources = {file: (ROOT / file).read_text(encoding="utf-8") for file in files}

    def all(self) -> None:
        """Plan, then the mutants in functions, then the others; `mutants` and `plan` hold the outcome."""

        def collected() -> tuple[Plan, list[Mutant]]:
            paths = {str(ROOT / file) for file in self.sources}
            tracer = Tracer(paths)

            def then(items: list[pytest.Item]) -> None:
                sys.settrace(None)
                threading.settrace(None)  # type: ignore[arg-type]
                warm_up()
                tests, left_out = measured(items, paths, self.jobs)
                self.plan = Plan(tests, set(tracer.lines), left_out)
                self._living(items, alive_in(paths))

            with tracer.on():
                collect(self.suites, then, self.folder / "living")
            return self.plan, self.mutants

        found = result_of(fork(collected))
        assert isinstance(found, tuple), (
            "the tests could not be collected: GOODPAIN_MUTATION_LOUD=1 shows why"
        )
        self.plan, self.mutants = found
        self._imported()

    def _ended(self, mutant: Mutant) -> None:
        self.done += 1
        if mutant.unnoticed:
            self.say(f"{mutant.file}:{mutant.line} {mutant.before!r} -> {mutant.after!r}\n")
        if self.done % 25 == 0:
            self.say(f"{self.done} of {len(self.mutants)}")

    def _tests_of(self, site: Site, file: str) -> list[Test]:
        """Who is asked, the quickest first: tests that run the line.

        A line that runs while modules are imported leaves no trace in a test. There all are asked that run any line of
        the file or of one that imports it, and every test of a test file that does.
        """
        path = str(ROOT / file)
        if not self._at_import(site, path):
            first, last = site.lines
            chosen = [
                t for t in self.plan.tests if any(n == path and first <= line <= last for n, line in t.lines)
            ]
        else:
            parent, _, stem = file.removesuffix(".py").replace("/", ".").rpartition(".")
            says = re.compile(rf"from {parent}\.{stem} import|from {parent} import .*\b{stem}\b")
            files = {str(ROOT / name) for name, source in self.sources.items() if says.search(source)} | {
                path
            }
            modules = {test.module for test in self.plan.tests}
            mine = {name for name in modules if says.search((ROOT / name).read_text(encoding="utf-8"))}
            chosen = [t for t in self.plan.tests if t.module in mine or any(n in files for n, _ in t.lines)]
        return _in_order(chosen)

    def _at_import(self, site: Site, path: str) -> bool:
        first, last = site.lines
        return site.function is None or any(
            (path, line) in self.plan.imported for line in range(first, last + 1)
        )

    def _living(self, items: list[pytest.Item], alive: Alive) -> None:
        with Pool(self.jobs, self._ended) as pool:
            for mutant in self.mutants:
                module, site = compiled(mutant.file, self.sources[mutant.file], mutant.number)
                path = str(ROOT / mutant.file)
                if (
                    self._at_import(site, path)
                    or site.function is None
                    or (path, *site.function) not in alive
                ):
                    continue
                tests = self._tests_of(site, mutant.file)
                if not tests:
                    mutant.fate = "not reached"
                    self._ended(mutant)
                    continue

                def work(module: CodeType = module, site: Site = site, tests: list[Test] = tests) -> str:
                    assert site.function
                    put_into_living(module, site.function, alive)
                    return run_items([items[test.index] for test in tests])

                pool.run(mutant, work, sum(test.seconds for test in tests), 0.0)

    def _imported(self) -> None:
        asked: dict[int, Test] = {}
        with Pool(self.jobs, self._ended) as pool:
            for mutant in self.mutants:
                if mutant.fate:
                    continue
                module, site = compiled(mutant.file, self.sources[mutant.file], mutant.number)
                tests = self._tests_of(site, mutant.file)
                if not tests:
                    mutant.fate = "not reached"
                    self._ended(mutant)
                    continue
                asked |= {test.index: test for test in tests}

                def work(
                    mutant: Mutant = mutant, module: CodeType = module, tests: list[Test] = tests
                ) -> str:
                    import_as(mutant.file, module)
                    return self._anew(tests)

                pool.run(mutant, work, sum(test.seconds for test in tests), 15.0)
        # The same road without any error: whatever fails there fails by itself.
        if asked and (failed := result_of(fork(lambda: self._anew(_in_order([*asked.values()]))))):
            self.plan.left_out.append(f"{failed}: FAILS WITHOUT ANY MUTANT, figures of module level are void")

    def _anew(self, tests: list[Test]) -> str:
        """In a process that has imported nothing yet: collect these tests and run them until one fails; its name."""
        order = {test.node: i for i, test in enumerate(tests)}
        killer = ["collection"]

        def then(items: list[pytest.Item]) -> None:
            mine = sorted(
                (item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid]
            )
            killer[0] = run_items(mine) if len(mine) == len(order) else "collection"

        with contextlib.suppress(RuntimeError):  # the mutant does not even let itself be imported
            collect(list(dict.fromkeys(test.module for test in tests)), then, self.folder / str(os.getpid()))
        return killer[0]
