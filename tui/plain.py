"""The live session as lines of text: one per change and one per second, for screen readers, logs and pipes."""

from __future__ import annotations

import re
import sys
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TextIO

from feedback.comfort import ReportKind
from feedback.guidance import Cue

if TYPE_CHECKING:
    from feedback.coach import CoachNow
    from feedback.history import SessionJournal
    from feedback.press import Press
    from feedback.units import PressureUnit
    from feedback.view import Heard, LiveView
    from tui.live_loop import LiveLoop
    from tui.moves import Moves

WORDS = {
    "l": ReportKind.TOO_LITTLE, "little": ReportKind.TOO_LITTLE, "too little": ReportKind.TOO_LITTLE,
    "g": ReportKind.GOOD, "good": ReportKind.GOOD,
    "m": ReportKind.TOO_MUCH, "much": ReportKind.TOO_MUCH, "too much": ReportKind.TOO_MUCH,
    "h": ReportKind.THERE, "there": ReportKind.THERE,
    "e": ReportKind.ENOUGH, "enough": ReportKind.ENOUGH,
    "easing": ReportKind.EASING, "worsening": ReportKind.WORSENING,
    "s": ReportKind.STOP, "stop": ReportKind.STOP,
}  # fmt: skip
"""What may be typed on a line while a plain session runs, besides what `HELP` lists."""

HELP = (
    "Type 0-10, too little, good, too much, there, enough, easing, worsening, stop, go on, undo, tare, "
    "note TEXT, point TEXT, band FROM-TO or end, then Enter."
)


def line_of(view: LiveView, unit: PressureUnit) -> str:
    """A view as one line; a value that is not good is never written as a number."""
    if view.waiting:
        return "waiting for the sensor"
    if not view.live:
        return f"NO SIGNAL for {view.age_s or 0:.1f} s"
    if not view.calibrated:
        return f"NOT CALIBRATED, {view.counts} counts"
    at_limit = "at least " if view.saturated else ""
    parts = [f"{at_limit}{unit.text(view.shown_kpa or 0.0)}", cue_words(view.asked)]
    if view.press:
        parts.append(f"press {view.press.elapsed_s:.0f} s, hold {view.press.hold_s:.0f} s")
        if view.bounds.band:
            parts.append(f"in band {view.press.time_in_band_s:.0f} s")
    if view.press and not view.bounds.band and view.bounds.stay_below_kpa is not None:
        parts.append(f"still learning, stay below {unit.text(view.bounds.stay_below_kpa)}")
    if view.coach and view.coach.do:
        parts.append(f"coach: {coach_words(view.coach)}")
    if view.suspect:
        parts.append(view.suspect)
    if view.prompt:
        parts.append(view.prompt)
    return ", ".join(parts)


def cue_words(cue: Cue) -> str:
    """A cue as it is said."""
    return cue.value.upper()


def coach_words(coach: CoachNow) -> str:
    """What the coach says, in a few words: `hold here, 12 of 60 s, round 1 of 3`."""
    words = [coach.do[:1].lower() + coach.do[1:]]
    if coach.of_s:
        words.append(f"{coach.elapsed_s:.0f} of {coach.of_s:.0f} s")
    if coach.rounds > 1:
        words.append(f"round {min(coach.round, coach.rounds)} of {coach.rounds}")
    return ", ".join(words)


def press_line(press: Press, number: int, unit: PressureUnit) -> str:
    """A press that ended, in one line."""
    parts = [
        f"press {number} ended ({press.ended}): {press.duration_s:.1f} s, peak {unit.text(press.peak_kpa)}"
    ]
    if press.hold_mean_kpa is not None:
        parts.append(f"hold {unit.text(press.hold_mean_kpa)}")
    if press.time_in_band_s is not None:
        parts.append(f"{press.time_in_band_s:.1f} s in band")
    if press.sag_pct is not None:
        parts.append(f"sag {press.sag_pct:.0f} %")
    return ", ".join(parts)


def heard_line(heard: Heard, unit: PressureUnit) -> str:
    """A report in one line, with who said it and at which pressure."""
    who = "simulated client" if heard.report.source == "simulated client" else "client"
    at = "" if heard.pressure_kpa is None else f" at {unit.text(heard.pressure_kpa)}"
    return f"{who}: {heard.report.words}{at}"


class PlainSession:
    """Runs a started loop to its end, writing lines and reading typed reports."""

    def __init__(
        self,
        loop: LiveLoop,
        journal: SessionJournal,
        unit: PressureUnit,
        moves: Moves,
        *,
        out: TextIO,
        typed: TextIO | None,
    ) -> None:
        self._moves = moves
        self._loop = loop
        self._journal = journal
        self._unit = unit
        self._out = out
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._typed = typed
        self._start_s = loop.sensor.now_s()
        self._cue: Cue | None = None
        self._presses = 0
        self._heard = 0
        self._told = 0
        self._problem = ""
        self._second = -1

    def run(self, stop: threading.Event, end_s: float | None) -> None:
        """Until `stop`, the sensor's end, `end_s` on the sensor's clock, or `end` is typed."""
        if self._typed is not None:
            threading.Thread(target=self._read_typed, name="goodpain-typed", daemon=True).start()
        while not (stop.is_set() or self._loop.ended):
            view = self._loop.view()
            self._show(view)
            if end_s is not None and view.now_s >= end_s:
                return
            if not self._obey(stop):
                return
            time.sleep(0.02)
        self._show(self._loop.view())

    def _show(self, view: LiveView) -> None:
        presses, heard = self._loop.presses, self._loop.heard
        for i in range(self._heard, len(heard)):
            self._say(heard_line(heard[i], self._unit))
        self._heard = len(heard)
        for i in range(self._presses, len(presses)):
            self._say(press_line(presses[i], i + 1, self._unit))
        self._presses = len(presses)
        notices = self._loop.told(self._told)
        self._told += len(notices)
        for notice in notices:
            self._say(": ".join(part for part in (notice.kind.value, notice.text) if part))
        problem = self._journal.problem
        if self._journal.reason != self._problem:
            self._problem = self._journal.reason
            self._say(f"RECORD: {problem if self._problem else 'is being written again'}")
        second = int(view.now_s - self._start_s)
        if view.asked is not self._cue or second > self._second:
            self._cue, self._second = view.asked, second
            self._say(line_of(view, self._unit))

    def _say(self, text: str) -> None:
        self._out.write(f"{self._loop.sensor.now_s() - self._start_s:7.1f} s  {text}\n")
        self._out.flush()

    def _read_typed(self) -> None:
        assert self._typed is not None
        for line in self._typed:
            self._lines.put(line.strip())

    def _obey(self, stop: threading.Event) -> bool:
        try:
            typed = self._lines.get_nowait()
        except Empty:
            return True
        wanted = typed.lower()
        if wanted in ("end", "quit", "q"):
            return False
        self._act(wanted, typed)
        return True

    def _act(self, wanted: str, typed: str) -> None:
        from firmware_bridge.errors import TareError

        if re.fullmatch(r"\d{1,2}", wanted) and int(wanted) <= 10:
            self._loop.report(ReportKind.RATING, int(wanted))
        elif wanted in WORDS:
            self._loop.report(WORDS[wanted])
        elif wanted in ("undo", "u"):
            undone = self._loop.undo()
            self._say(f"taken back: {undone.report.words}" if undone else "nothing to take back")
        elif wanted in ("go on", "resume", "r"):
            self._say(
                "going on after the stop" if self._loop.resume() else "no stop stands: nothing to go on from"
            )
        elif wanted in ("tare", "zero", "z"):
            try:
                self._loop.sensor.tare()
            except TareError as error:
                self._say(str(error))
        elif wanted.startswith("note "):
            self._loop.note(typed[5:].strip())
        elif wanted.startswith("point "):
            self._say(self._moves.point(typed[6:]))
        elif wanted.startswith("band "):
            self._say(self._moves.band(typed[5:]))
        elif wanted:
            self._say(f"“{typed}” is not understood. {HELP}")


def run_plain(
    loop: LiveLoop,
    journal: SessionJournal,
    unit: PressureUnit,
    moves: Moves,
    stop: threading.Event,
    end_s: float | None,
) -> None:
    """Run a started loop as lines on stdout; reports are typed on stdin."""
    readable = sys.stdin is not None and not sys.stdin.closed
    typed = sys.stdin if readable else None
    PlainSession(loop, journal, unit, moves, out=sys.stdout, typed=typed).run(stop, end_s)
