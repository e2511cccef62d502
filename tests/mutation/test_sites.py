"""The errors that are put in: each changes the code, none stands where no test could notice it."""

from __future__ import annotations

import ast

import pytest

from tests.mutation.running import alive_in, compiled, put_into_living
from tests.mutation.sites import sites_of
from tests.mutation.targets import ROOT, chosen

SOURCE = '''
"""Words about it."""
from __future__ import annotations

LIMIT: float = 2.0


def f(a: int, b: int = 3) -> int:
    """More words."""
    if a < b and a != 0:
        raise ValueError("this cannot be")
    total = [x * 2 for x in range(a) if x > 1]
    return min(sum(total), b, key=None)
'''

EXPECTED = [
    ("LIMIT: float = 2.0", "LIMIT: float = 3.0"),
    ("def f(a: int, b: int=3):", "def f(a: int, b: int=4):"),
    ("if a < b and a != 0:", "if not (a < b and a != 0):"),
    ("if a < b and a != 0:", "if a < b or a != 0:"),
    ("if a < b and a != 0:", "if a <= b and a != 0:"),
    ("if a < b and a != 0:", "if a < b and a == 0:"),
    ("if a < b and a != 0:", "if a < b and a != 1:"),
    ("raise ValueError('this cannot be')", "pass"),
    ("total = [x * 2 for x in range(a) if x > 1]", "total = [x / 2 for x in range(a) if x > 1]"),
    ("total = [x * 2 for x in range(a) if x > 1]", "total = [x * 3 for x in range(a) if x > 1]"),
    ("total = [x * 2 for x in range(a) if x > 1]", "total = [x * 2 for x in range(a) if not x > 1]"),
    ("total = [x * 2 for x in range(a) if x > 1]", "total = [x * 2 for x in range(a) if x >= 1]"),
    ("total = [x * 2 for x in range(a) if x > 1]", "total = [x * 2 for x in range(a) if x > 2]"),
    ("return min(sum(total), b, key=None)", "return None"),
    ("return min(sum(total), b, key=None)", "return min(sum(total), b)"),
    ("return min(sum(total), b, key=None)", "return max(sum(total), b, key=None)"),
]


def test_every_small_error_is_found_once_and_words_and_annotations_are_left_alone():
    _, sites = sites_of(SOURCE)
    assert sorted(site.words() for site in sites) == sorted(EXPECTED)
    assert [site.function for site in sites][:3] == [None, None, (8, "f")]


FILES = [file for _, files in chosen([]) for file in files]


@pytest.mark.parametrize("file", FILES)
def test_mutants_of_a_file_compiles_and_differs_from_it(file):
    source = (ROOT / file).read_text(encoding="utf-8")
    plain = ast.dump(ast.parse(source))
    count = len(sites_of(source)[1])
    assert count > 5
    for number in range(0, count, count // 3):
        compiled(file, source, number)
        tree, sites = sites_of(source)
        sites[number].put_in()
        assert ast.dump(tree) != plain


def test_an_error_in_a_living_function_is_met_by_who_had_imported_it_before():
    from feedback.band.quantiles import crossing

    path = str(ROOT / "feedback/band/quantiles.py")
    source = (ROOT / "feedback/band/quantiles.py").read_text(encoding="utf-8")
    _, sites = sites_of(source)
    number = next(i for i, site in enumerate(sites) if site.kind == "return None" and site.function)
    module, site = compiled("feedback/band/quantiles.py", source, number)
    assert site.function
    assert site.function[1] == "crossing"
    code = crossing.__code__
    try:
        put_into_living(module, site.function, alive_in({path}))
        assert crossing([1.0], [0.5], 0.9) is None  # type: ignore[arg-type]
    finally:
        crossing.__code__ = code
    assert crossing([1.0], [0.5], 0.9) == 1.0  # type: ignore[arg-type]


def test_a_word_picks_files_with_the_tests_that_are_asked_about_them():
    assert [files for _, files in chosen(["press"])] == [["feedback/press.py"]]
    assert chosen(["no such file"]) == []
