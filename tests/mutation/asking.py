"""Collects the tests, and asks them: pytest in this process, without its loop."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.mutation.processes import fork, result_of
from tests.mutation.targets import ROOT

EXAMPLES = 15
"""Hypothesis examples of a test, always the same ones."""
SLOWEST_S = 6.0
"""A test that takes longer is not asked."""

Line = tuple[str, int]


@dataclass(slots=True)
class Test:
    """A test without any error: its processor seconds, traced, and the lines of the mutated files that it runs."""

    index: int
    node: str
    seconds: float = 0.0
    lines: set[Line] = field(default_factory=set)

    @property
    def module(self) -> str:
        """Path of its file."""
        return self.node.partition("::")[0]


@dataclass(slots=True)
class Plan:
    """What the process that has collected the tests found out."""

    tests: list[Test]
    imported: set[Line]
    left_out: list[str]


class _Collected:
    """A pytest plugin: everything is collected, and then `then` runs in place of the tests."""

    def __init__(self, then: Callable[[list[pytest.Item]], None]) -> None:
        self._then = then

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for item in session.items:
            _few_examples(item)
        self._then(session.items)
        return True


class _Verdicts:
    """Hears how the tests of one process end."""

    def __init__(self) -> None:
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed


def _few_examples(item: pytest.Item) -> None:
    test = getattr(item, "obj", None)
    test = getattr(test, "__func__", test)
    own: settings | None = getattr(test, "_hypothesis_internal_use_settings", None)
    if own is not None and hasattr(test, "hypothesis"):
        few = min(own.max_examples, EXAMPLES)
        phases = (Phase.explicit, Phase.generate)
        test._hypothesis_internal_use_settings = settings(own, max_examples=few, phases=phases, database=None)


def collect(nodes: list[str], then: Callable[[list[pytest.Item]], None], folder: Path) -> None:
    """In this process: collect these tests and go on with `then`; `folder` is for temporary files."""
    options = (
        f"-q -s --assert=plain -p no:cacheprovider -p no:xdist --basetemp={folder} --rootdir={ROOT}".split()
    )
    code = pytest.main([*options, *nodes], plugins=[_Collected(then)])
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED):
        raise RuntimeError(f"pytest ended with {code!r}")


def run_items(items: list[pytest.Item], on_end: Callable[[int, float], None] | None = None) -> str:
    """Run tests in their order until one fails; its name, or nothing when all pass."""
    if not items:
        return ""
    verdicts = _Verdicts()
    items[0].config.pluginmanager.register(verdicts)
    for i, item in enumerate(items):
        began = time.process_time()
        item.ihook.pytest_runtest_protocol(item=item, nextitem=items[i + 1] if i + 1 < len(items) else None)
        if verdicts.failed:
            if on_end is None:
                return item.nodeid
            verdicts.failed = False
            on_end(i, -1.0)
        elif on_end:
            on_end(i, time.process_time() - began)
    return ""


class Tracer:
    """Which lines of some files run, by `sys.settrace`."""

    def __init__(self, files: set[str]) -> None:
        self._files = files
        self.lines: set[Line] = set()

    def _call(self, frame: FrameType, _event: str, _arg: object) -> object:
        code = frame.f_code
        if code.co_filename not in self._files or code.co_name == "<module>":
            return None
        file, lines = code.co_filename, self.lines

        def line(frame: FrameType, _event: str, _arg: object) -> object:
            lines.add((file, frame.f_lineno))
            return line

        return line

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        threading.settrace(self._call)  # type: ignore[arg-type]
        sys.settrace(self._call)  # type: ignore[arg-type]
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]


def measured(items: list[pytest.Item], paths: set[str], jobs: int) -> tuple[list[Test], list[str]]:
    """Run the tests as they are, with their lines traced: those that can be asked, and what is left out and why."""
    tests = [Test(i, item.nodeid) for i, item in enumerate(items)]
    modules = list(dict.fromkeys(test.module for test in tests))

    def run(mine: list[Test]) -> list[Test]:
        for test in mine:
            tracer = Tracer(paths)
            with tracer.on():
                run_items([items[test.index]], lambda _, s, test=test: setattr(test, "seconds", s))
            test.lines = tracer.lines
        return mine

    shares = [[test for test in tests if modules.index(test.module) % jobs == job] for job in range(jobs)]
    found: list[Test] = []
    for child in [fork(lambda share=share: run(share)) for share in shares]:
        result = result_of(child)
        assert isinstance(result, list)
        found += result
    left_out = [f"{test.node}: does not pass as it is" for test in found if test.seconds < 0]
    left_out += [f"{t.node}: takes {t.seconds:.1f} s" for t in found if t.seconds > SLOWEST_S and t.lines]
    asked = [test for test in found if 0 <= test.seconds <= SLOWEST_S]
    return sorted(asked, key=lambda t: t.index), left_out


@settings(max_examples=1, database=None)
@given(st.integers(), st.floats(), st.text(max_size=2), st.binary(max_size=2))
def warm_up(_whole: int, _float: float, _text: str, _bytes: bytes) -> None:
    """Hypothesis reads the source of every imported module once; a fork then finds it done."""
