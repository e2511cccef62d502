"""What happens to the program and to the clocks: killed, window closed or not read, out of memory, asleep."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from feedback.history import open_history
from tests.terminal import run
from tests.torture.cases import Case
from tests.torture.ledger import Outcome
from tests.torture.preload import NEEDS_PRELOAD, Clocks
from tests.torture.rig import RATE_HZ, Device, play, recording, timed
from tests.torture.visit import Visit, visit

LATE_S = 0.25
"""So much later may a byte come to the program, and an fsync come back, on a busy machine."""
LOST_S = 0.5
"""What may be missing of a program that died."""
VISIT_S = 12.0
"""About as long as the script takes, from the start of the program."""

ALT_SCREEN, NORMAL_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"


def struck(number: int, *, politely: bool, tries: int = 4, seed: int = 0) -> Callable[[Path], Outcome]:
    """A signal at random moments of a scripted visit; 0: the window is closed.

    Politely: the program is to end in order, with nothing missing at all.
    """

    def go(folder: Path) -> Outcome:
        outcome = Outcome()
        chance = random.Random(1000 * seed + number)
        ended: list[str] = []
        for i in range(tries):
            # One in each part of the visit, from before its first import to after its end.
            at_s = (i + chance.random()) * VISIT_S / tries
            with visit(folder / str(i)) as one:
                struck_s: list[float] = []

                def strike(one: Visit = one, struck_s: list[float] = struck_s) -> None:
                    struck_s.append(time.monotonic())
                    try:
                        if number:
                            os.kill(one.terminal.pid, number)
                        else:
                            one.terminal.hang_up()
                    except ProcessLookupError:
                        pass

                timer = threading.Timer(at_s, strike)
                timer.start()
                one.play()
                timer.join()
                code = one.terminal.wait(30)
                one.hush()
                shown = one.terminal.text().strip()
                if not politely and not outcome.seen:
                    outcome.seen = _next_start(one)
                found = one.found(shown or "the program was gone before the session began")
                due = one.sent_before(struck_s[0] - LATE_S - (0.0 if politely else LOST_S))
            outcome.add(found)
            ended += found.ended
            when = f"struck after {at_s:.2f} s"
            outcome.must(
                found.recorded >= min(due, found.recorded + found.known),
                f"{when}: {due - found.recorded} samples older than promised are missing",
            )
            outcome.must("Traceback" not in shown, f"{when}: the user sees a traceback: {shown[-800:]}")
            if politely:
                outcome.must("recovered" not in found.ended, f"{when}: the session was not ended in order")
                outcome.must(found.recorded >= due, f"{when}: {due - found.recorded} samples are missing")
                written = one.terminal.written
                if number and ALT_SCREEN in written:
                    outcome.must(
                        NORMAL_SCREEN in written, f"{when}: the terminal is left as it was (code {code})"
                    )
            if politely and number and (summary := re.search(r"Session of [^\n]*? press(?:es)?\.", shown)):
                outcome.seen = outcome.seen or f"the terminal as it was, and: {summary[0]}"
        if politely:
            outcome.seen = outcome.seen or "the terminal as it was"
        if not number:
            outcome.seen = "nothing any more"
        outcome.kept = f"sessions: {', '.join(ended)}"
        return outcome

    return go


def _next_start(one: Visit) -> str:
    """What the next start of a program says of a session that was cut off; empty when there is none."""
    _, _, told = run("history", "--data", one.folder / "data")
    words = told.strip().removeprefix("goodpain: ")
    return f"the picture stays; at the next start: {words}" if "cut off" in words else ""


def _unread(folder: Path) -> Outcome:
    """Nobody reads the terminal for five seconds (Ctrl-S, a link that hangs)."""
    outcome = Outcome()
    with visit(folder) as one:
        one.see_it_run()
        first_s = time.monotonic()
        time.sleep(5.0)
        with open_history(one.record) as history:
            (session,) = history.sessions()
            stored = sum(len(block) for block in history.samples(session.id))
        due = one.sent_before(time.monotonic() - LOST_S - LATE_S)
        outcome.must(stored >= due, f"while nobody read, {due - stored} samples did not reach the record")
        outcome.must(due > one.sent_before(first_s) + 3 * RATE_HZ, "the device did not speak")
        one.terminal.read(1.0)
        one.hush()
        one.terminal.read(0.5)
        one.terminal.type("q")
        one.terminal.wait_for("End this session?")
        one.terminal.type("\r")
        outcome.must(one.terminal.wait(30) == 0, "it did not end in order")
        outcome.add(found := one.found())
    outcome.seen = "the last picture; the present one as soon as somebody reads again"
    outcome.kept = f"{found.recorded} of {found.sent} samples, all the time"
    outcome.must(found.recorded == found.sent, "samples are missing")
    return outcome


def _killed_unread(folder: Path) -> Outcome:
    """A polite kill while nobody reads the terminal."""
    outcome = Outcome()
    with visit(folder) as one:
        one.see_it_run()
        time.sleep(3.0)
        one.terminal.signal(signal.SIGTERM)
        ended = one.ends(10.0)
        one.hush()
        if not ended:
            outcome.failures.append("it does not end while nobody reads")
            one.terminal.signal(signal.SIGKILL)
        one.terminal.wait(30)
        outcome.add(found := one.found())
    outcome.seen = "nothing: nobody reads; the program ends within seconds"
    outcome.kept = f"{found.recorded} of {found.sent} samples, the session as {' '.join(found.ended)}"
    outcome.must(found.ended == ("ended",), "the session was not ended in order")
    return outcome


def no_memory(folder: Path, more_bytes: Sequence[int] = (0, 1 << 20, 8 << 20)) -> Outcome:
    """The program gets so much more memory from some moment on."""
    import resource

    outcome = Outcome()
    ends: list[str] = []
    gave_in = 0
    for i, more in enumerate(more_bytes):
        with visit(folder / str(i)) as one:
            one.see_it_run()
            one.terminal.read(1.0)
            status = Path(f"/proc/{one.terminal.pid}/statm").read_text()
            size = int(status.split()[0]) * resource.getpagesize()
            limited_s = time.monotonic()
            resource.prlimit(one.terminal.pid, resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))
            # A larger picture and another screen want more memory.
            one.terminal.resize(70, 240)
            one.terminal.type("7p")
            one.terminal.read(4.0)
            alive = one.terminal.read(0.2)
            if alive:
                one.terminal.signal(signal.SIGTERM)
                one.terminal.read(3.0)
            gave_in += one.ends(5.0)
            one.terminal.signal(signal.SIGKILL)
            code = one.terminal.wait(30)
            one.hush()
            found = one.found("out of memory")
            due = one.sent_before(limited_s - LOST_S - LATE_S)
        outcome.add(found)
        outcome.must(found.recorded >= due, f"{due - found.recorded} samples from before are missing")
        ends.append(f"{found.recorded} of {found.sent} ({', '.join(found.ended)}, exit {code})")
    outcome.seen = (
        "the picture as far as there is memory for it; where Python or a library gives up, its words, or nothing; "
        f"asked to end, it was gone within 8 s in {gave_in} of {outcome.tries} tries"
    )
    outcome.kept = "; ".join(ends)
    return outcome


def _suspended(folder: Path) -> Outcome:
    """The laptop sleeps for an hour, and the device goes on meanwhile: what it sends then is nobody's."""
    outcome = Outcome()
    device = Device()
    clocks = Clocks(folder)
    with recording(folder / "at", environment=clocks.environment) as at:
        play(at.port, timed(device.frame() for _ in range(240)))
        time.sleep(0.5)
        at.process.send_signal(signal.SIGSTOP)
        # An hour of the device's time: its samples are lost. The clock that only counts on stands still meanwhile.
        start_s = time.monotonic()
        device.sent += range(device.index, device.index + 400)
        device.index += 400
        device.clock_us += 3_595_000_000
        time.sleep(5.0)
        clocks.be(day_s=3595.0, counting_s=start_s - time.monotonic())
        at.process.send_signal(signal.SIGCONT)
        play(at.port, timed(device.frame() for _ in range(480)))
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words() or "nothing: it goes on by itself"
    outcome.kept = f"{found.recorded} samples; {', '.join(found.events) or 'no event'}"
    outcome.must(found.recorded == 720, "samples from before or after are missing")
    return outcome


def _stopped(folder: Path) -> Outcome:
    """Ctrl-Z, or a machine that has no time for the program: five seconds."""
    outcome = Outcome()
    device = Device()
    with recording(folder) as at:
        play(at.port, timed(device.frame() for _ in range(160)))
        at.process.send_signal(signal.SIGSTOP)
        # What a port's buffer takes.
        play(at.port, timed(device.frame() for _ in range(80)))
        time.sleep(4.0)
        device.clock_us += 4_000_000
        at.process.send_signal(signal.SIGCONT)
        play(at.port, timed(device.frame() for _ in range(320)))
        at.end()
        found = at.found(device)
    outcome.add(found)
    outcome.seen = at.words() or "nothing: it goes on by itself"
    outcome.kept = f"{found.recorded} of {found.sent} samples; {', '.join(found.events) or 'no event'}"
    outcome.must(found.recorded == found.sent, "samples are missing that lay in the port's buffer")
    return outcome


def _day_moves(by_s: float) -> Callable[[Path], Outcome]:
    """The time of day is set while a session runs; another session follows."""

    def go(folder: Path) -> Outcome:
        outcome = Outcome()
        device = Device()
        clocks = Clocks(folder)
        with recording(folder / "at", "--client", "A17", environment=clocks.environment) as at:

            def frames() -> Iterator[bytes]:
                # In one go: to the device, no time passes between the two halves.
                for i in range(480):
                    if i == 240:
                        clocks.be(day_s=by_s)
                    yield device.frame()

            play(at.port, timed(frames()))
            at.end()
            found = at.found(device)
        with open_history(at.record) as history:
            (session,) = history.sessions()
            times = [block.time_s for block in history.samples(session.id)]
        lasted_s = float(times[-1][-1] - times[0][0])
        outcome.add(found)
        outcome.seen = at.words() or "nothing: no measure rests on the time of day"
        outcome.kept = f"{found.recorded} of {found.sent} samples over {lasted_s:.2f} s of 6"
        outcome.must(found.recorded == found.sent, "samples are missing")
        outcome.must(abs(lasted_s - 6.0) < 0.5, f"6 s became {lasted_s:.2f} s")
        outcome.must(
            session.ended_at is not None
            and abs((session.ended_at - session.started_at).total_seconds() - 6) < 3,
            f"from {session.started_at} to {session.ended_at}",
        )
        return outcome

    return go


TITLE = "The program and the clocks"
CASES = [
    Case("SIGTERM at random points of a visit", struck(signal.SIGTERM, politely=True)),
    Case("SIGHUP at random points of a visit", struck(signal.SIGHUP, politely=True)),
    Case("SIGINT at random points of a visit", struck(signal.SIGINT, politely=True)),
    Case("SIGKILL at random points of a visit", struck(signal.SIGKILL, politely=False)),
    Case("window closed at random points of a visit", struck(0, politely=True)),
    Case("terminal that stops reading", _unread),
    Case("SIGTERM while the terminal is not read", _killed_unread),
    Case("out of memory in the screen process", no_memory),
    Case("program stopped for 5 s", _stopped),
    Case("laptop sleeps for an hour", _suspended, missing=NEEDS_PRELOAD),
    Case("system time set back 1 h", _day_moves(-3600.0), missing=NEEDS_PRELOAD),
    Case("system time set ahead 1 h", _day_moves(3600.0), missing=NEEDS_PRELOAD),
]
