"""What the product never does, looked up in every line of it."""

from __future__ import annotations

import ast

from tests.security.product import calls, keyword, modules, nodes

FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.mktemp", "tempfile.mktemp", "os.chown",
    "os.umask", "os.startfile", "webbrowser.open", "runpy.run_path", "logging.config.listen", "extractall",
}  # fmt: skip
FORBIDDEN_MODULES = {
    "pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "yaml", "xmlrpc", "telnetlib", "ftplib",
    "smtplib", "http", "urllib.request", "requests", "aiohttp", "socketserver", "xml", "pty", "code", "ctypes",
}  # fmt: skip
MAY_LISTEN = {"sim/serve.py"}
MAY_CONNECT = {"sim/serve.py", "firmware_bridge/socket_port.py"}
MAY_CALL_C = {"tui/heap.py"}
"""Tells the C library how to keep its memory; nothing from outside reaches it."""
MAY_START = {"tui/sound/child.py"}


def _imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_nothing_runs_text_as_a_program() -> None:
    wrong = [
        f"{path}:{call.lineno} {name}"
        for path, tree in modules()
        for name, call in calls(tree)
        if name in FORBIDDEN_CALLS or name.endswith((".extractall", ".extract"))
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_reads_a_format_that_can_hold_programs_and_nothing_speaks_to_the_web() -> None:
    wrong = [
        f"{path} {name}"
        for path, tree in modules()
        for name in _imports(tree)
        if (name in FORBIDDEN_MODULES or name.split(".")[0] in FORBIDDEN_MODULES)
        and not (name == "ctypes" and path in MAY_CALL_C)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_shell_is_started_and_programs_only_where_tones_are_played() -> None:
    wrong: list[str] = []
    for path, tree in modules():
        if "subprocess" in {name.split(".")[0] for name in _imports(tree)} and path not in MAY_START:
            wrong.append(f"{path} starts programs")
        for name, call in calls(tree):
            shell = keyword(call, "shell")
            if name.startswith("subprocess.") and shell is not None:
                wrong.append(f"{path}:{call.lineno} shell")
            if name.startswith(("os.exec", "os.spawn", "os.posix_spawn", "asyncio.create_subprocess")):
                wrong.append(f"{path}:{call.lineno} {name}")
    assert not wrong, "\n".join(wrong)


def test_a_socket_listens_only_in_the_simulator_and_connects_only_where_it_was_asked_to() -> None:
    wrong: list[str] = []
    for path, tree in modules():
        if "socket" in _imports(tree) and path not in MAY_CONNECT:
            wrong.append(f"{path} imports socket")
        for name, call in calls(tree):
            listens = name.endswith((".listen", ".bind", "create_server", "start_server", "serve_forever"))
            if listens and not name.startswith("event.") and path not in MAY_LISTEN:
                wrong.append(f"{path}:{call.lineno} {name}")
    assert not wrong, "\n".join(wrong)


SQL_NAMES = {
    # Names of our own tables and columns, and words that stand in the source; never a value.
    "name", "rule.table.name", "columns", "marks", "table", "uses", "where", "column", "t.version.name", "table.name",
    # Hexadecimal digits of a key.
    "self._key_text(passphrase)",
}  # fmt: skip


def test_sql_is_never_made_of_values() -> None:
    wrong: list[str] = []
    for path, tree in modules():
        for name, call in calls(tree):
            if not name.endswith(
                (".execute", ".executemany", ".executescript", ".exec_driver_sql", "sa.text")
            ):
                continue
            first = call.args[0] if call.args else None
            if isinstance(first, ast.BinOp):
                wrong.append(f"{path}:{call.lineno} {ast.unparse(first)}")
            elif isinstance(first, ast.JoinedStr):
                put_in = [
                    ast.unparse(part.value) for part in first.values if isinstance(part, ast.FormattedValue)
                ]
                wrong += [f"{path}:{call.lineno} {part}" for part in put_in if part not in SQL_NAMES]
    assert not wrong, "\n".join(wrong)
