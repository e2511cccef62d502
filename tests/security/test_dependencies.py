"""What Goodpain stands on: each with a least version that is known to do, and none that nothing uses."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version

from packaging.requirements import Requirement
from packaging.version import Version

from tests.security.product import ROOT, dotted, modules, nodes

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NOT_IMPORTED = {
    # Tools that are run, and plug-ins that pytest finds by itself.
    "import-linter", "pyright", "pytest-asyncio", "pytest-timeout", "pytest-xdist", "ruff",
    # Chosen by the address of a record on a server.
    "psycopg",
}  # fmt: skip


def _groups() -> dict[str, list[Requirement]]:
    extras = PROJECT["optional-dependencies"]
    groups = {"": PROJECT["dependencies"], **extras}
    return {name: [Requirement(text) for text in texts] for name, texts in groups.items()}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_has_a_least_version_and_what_is_installed_meets_it() -> None:
    wrong: list[str] = []
    for group, needed in _groups().items():
        for one in needed:
            if one.marker is not None and not one.marker.evaluate():
                continue
            if not any(clause.operator in (">=", "==", "~=") for clause in one.specifier):
                wrong.append(f"{group}: {one.name} has no least version")
            try:
                there = version(one.name)
            except PackageNotFoundError:
                continue
            if Version(there) not in one.specifier:
                wrong.append(f"{group}: {one.name} {there} is not {one.specifier}")
    assert not wrong, "\n".join(wrong)


def _imported(trees: list[ast.Module]) -> set[str]:
    """Distributions from which something is imported."""
    names: set[str] = set()
    for tree in trees:
        for node in nodes(tree):
            if isinstance(node, ast.Import):
                names |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module)
            elif isinstance(node, ast.Call) and dotted(node.func).endswith(
                (".import_module", ".importorskip")
            ):
                names |= {text.value for text in ast.walk(node.args[0]) if isinstance(text, ast.Constant)}
    return {_plain(one) for name in names for one in _known().get(name.split(".")[0], ())}


def test_what_the_product_needs_is_used_by_it_and_nothing_else_is_imported() -> None:
    used = _imported([tree for _, tree in modules()])
    groups = _groups()
    needed = {
        _plain(one.name)
        for name, ones in groups.items()
        if name not in ("dev", "fuzz", "bench")
        for one in ones
    }
    assert needed - used - NOT_IMPORTED == set()
    # What our dependencies bring along is imported by name only where theirs is the only way to use them.
    brought = {"rich": "textual", "markupsafe": "jinja2"}
    for one, through in brought.items():
        assert any(_plain(Requirement(text).name) == one for text in requires(through) or ()), one
    assert used - needed - set(brought) - {"goodpain"} == set()


def test_what_the_tests_need_is_used_by_them() -> None:
    texts = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    modules_of: dict[str, set[str]] = {}
    for module, distributions in _known().items():
        for one in distributions:
            modules_of.setdefault(_plain(one), set()).add(module)
    used = _imported([tree for _, tree in modules()])
    unused: list[str] = []
    for group in ("dev", "fuzz", "bench"):
        for one in _groups()[group]:
            name = _plain(one.name)
            if not _is_installed(name) or name in used | NOT_IMPORTED:
                continue
            mine = "|".join(re.escape(module) for module in modules_of.get(name, {name}))
            if not re.search(
                rf"(?:import|from) (?:{mine})\b|(?:import_module|importorskip)\(f?\"(?:{mine})\b", texts
            ):
                unused.append(f"{group}: {name}")
    assert not unused, "\n".join(unused)


@cache
def _known() -> Mapping[str, list[str]]:
    return packages_distributions()


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
