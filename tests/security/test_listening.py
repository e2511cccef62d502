"""Nobody can speak to Goodpain from outside unless somebody asked for it, and then only from where they said."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from tests.security.sockets import listening, needs_proc
from tests.terminal import GOODPAIN, Terminal
from tui.cli import goodpain

pytestmark = needs_proc


@contextmanager
def served(tcp: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A simulated sensor on TCP and the address that it prints."""
    program = subprocess.Popen(
        [str(GOODPAIN), "simulate", "bench", "--tcp", tcp],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        yield program, program.stdout.readline().strip()
    finally:
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=20)


def reachable(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("tcp", ["0", "127.0.0.1:0", "localhost:0"])
def test_a_simulated_sensor_on_tcp_is_reached_from_this_computer_alone(tcp: str) -> None:
    with served(tcp) as (program, url):
        parts = urlsplit(url)
        assert parts.port
        assert listening(program.pid) == [f"tcp 127.0.0.1:{parts.port}"]
        assert reachable("127.0.0.1", parts.port)
        assert not reachable("127.0.0.2", parts.port)
        program.send_signal(signal.SIGINT)
        assert program.communicate(timeout=20)[1] == ""


@pytest.mark.parametrize(("tcp", "at"), [("0.0.0.0:0", "0.0.0.0"), ("[::]:0", "[::]")])
def test_a_sensor_for_other_computers_is_had_by_name_and_said_to_be_one(tcp: str, at: str) -> None:
    if ":" in at and not socket.has_dualstack_ipv6():
        pytest.skip("this system has no IPv6")
    with served(tcp) as (program, url):
        port = urlsplit(url).port
        assert url == f"socket://{at}:{port}"
        assert len(listening(program.pid)) == 1
        assert reachable("127.0.0.2" if at == "0.0.0.0" else "::1", int(port or 0))
        program.send_signal(signal.SIGINT)
        told = program.communicate(timeout=20)[1]
    assert told == (
        f"goodpain: other computers can reach this sensor at {at}:{port}, and nobody asks who they are: with --tcp "
        f"{port} only this one can\n"
    )


@pytest.mark.parametrize(
    "tcp", ["", ":7000", "bench", "127.0.0.1:", "127.0.0.1:70000", "7²", "９", "9" * 5000]
)
def test_what_is_no_port_is_refused(tcp: str) -> None:
    done = CliRunner().invoke(goodpain, ["simulate", "bench", "--tcp", tcp, "--for", "1"])
    assert done.exit_code == 2
    assert "is neither PORT nor HOST:PORT" in done.stderr


def test_whatever_listens_is_seen() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        udp.bind(("127.0.0.1", 0))
        unix.bind(f"\0goodpain-test-{os.getpid()}")
        unix.listen()
        assert set(listening(os.getpid())) >= {
            f"tcp 127.0.0.1:{tcp.getsockname()[1]}",
            f"udp 127.0.0.1:{udp.getsockname()[1]}",
            f"unix @goodpain-test-{os.getpid()}",
        }


LIVE = ("live", "--client", "A17", "--point", "infraspinatus, left", "--sensor", "sim://infraspinatus")
SCREENS: list[tuple[tuple[str, ...], str]] = [
    (LIVE, "infraspinatus"),
    (("demo",), "upper trapezius"),
    (("record", "--sensor", "sim://bench", "--for", "60"), ""),
    (("review",), "A17"),
    (("practise", "--trainee", "T1", "--sensor", "sim://bench?hand=steered"), "How far"),
    (("mirror",), "waiting for"),
    (("calibrate", "--sensor", "sim://bench"), "Step 1"),
]


@pytest.mark.parametrize(("arguments", "shown"), SCREENS, ids=[one[0][0] for one in SCREENS])
def test_a_running_program_listens_to_no_network(
    tmp_path: Path, arguments: tuple[str, ...], shown: str
) -> None:
    if arguments[0] == "review":
        from feedback.history import open_history

        with open_history(tmp_path / "history.db") as history:
            history.client("A17")
    # Sound plays to nowhere, in its process: that one is looked at too.
    with Terminal(
        *arguments, "--data", tmp_path, rows=40, columns=140, GOODPAIN_SOUND_BACKEND="null"
    ) as terminal:
        terminal.wait_for(shown, 40.0) if shown else terminal.read(1.5)
        assert os.path.exists(f"/proc/{terminal.pid}")
        assert listening(terminal.pid) == []
