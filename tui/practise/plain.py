"""An attempt as lines of text: for screen readers, logs, pipes and scripts."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TextIO

from feedback.drills import Stage
from firmware_bridge.errors import BridgeError
from tui.practise.words import view_line
from tui.wanted import number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedback.drills import AttemptView
    from feedback.units import PressureUnit
    from sim.steering import Steering
    from tui.practise.run import PractiseRun

LOOK_EVERY_S = 0.02
HELP = "Type look, give up, or – when asked – the pressure that you think it was, then Enter."
HELP_STEERED = "Type a pressure ({unit}) for the simulated hand, off to let go, look, or give up, then Enter."


@dataclass(frozen=True, slots=True)
class Estimate:
    """An answer given beforehand; `kpa` is None for no idea."""

    kpa: float | None


class NoContactError(BridgeError):
    """Nothing was pressed for as long as the attempt waited."""


class Typed:
    """Lines that are typed meanwhile, read in a thread of their own; none where nothing can be typed.

    Attributes:
        ended: nothing more will be typed.
    """

    def __init__(self, source: TextIO | None) -> None:
        self.ended = source is None
        self._lines: SimpleQueue[str] = SimpleQueue()
        if source is not None:
            threading.Thread(target=self._read, args=(source,), name="goodpain-typed", daemon=True).start()

    @classmethod
    def at_stdin(cls) -> Typed:
        """What is typed at, or piped to, this program."""
        return cls(sys.stdin if sys.stdin is not None and not sys.stdin.closed else None)

    def next(self) -> str | None:
        """The next line, trimmed, without waiting; None when there is none."""
        try:
            return self._lines.get_nowait()
        except Empty:
            return None

    def _read(self, source: TextIO) -> None:
        try:
            for line in source:
                self._lines.put(line.strip())
        except (OSError, ValueError):
            pass
        finally:
            self.ended = True


class PlainAttempt:
    """Runs one attempt to its end.

    Args:
        run: not started.
        unit: of the user.
        say: takes one line.
        typed: what is typed meanwhile.
        estimate: the answer to “what do you think it was?”, in kPa, when it was given beforehand; None: ask.
        steering: the simulated hand that typed pressures move; None where a real one presses.
    """

    def __init__(
        self,
        run: PractiseRun,
        unit: PressureUnit,
        say: Callable[[str], None],
        typed: Typed,
        *,
        estimate: Estimate | None = None,
        steering: Steering | None = None,
    ) -> None:
        self._run = run
        self._unit = unit
        self._say = say
        self._typed = typed
        self._estimate = estimate
        self._steering = steering
        self._shown: tuple[object, ...] | None = None
        self._heard = 0
        self._problem = ""
        self._asked = self._lifting = False

    def go(self, stop: threading.Event, wait_s: float, *, fresh: bool = True) -> None:
        """Until it is over.

        Args:
            stop: set: give up.
            wait_s: for the first contact, by the wall clock.
            fresh: see `PractiseRun.start`.

        Raises:
            NoContactError: nothing was pressed for so long, or the recording ended before anything was.
        """
        run = self._run
        run.start(fresh=fresh)
        begun_s = time.monotonic()
        while not run.over:
            view = run.view()
            self._show(view)
            if stop.is_set():
                run.give_up()
            elif view.stage is Stage.ESTIMATE:
                self._answer(view)
            elif not run.touched and time.monotonic() - begun_s > wait_s:
                run.give_up()
                raise NoContactError(self._nothing(f"for {wait_s:g} s"))
            else:
                self._obey(self._typed.next())
            time.sleep(LOOK_EVERY_S)
        if run.sensor_ended and not run.touched:
            raise NoContactError(self._nothing("until the signal ended"))

    def _nothing(self, how_long: str) -> str:
        if self._run.lift:
            return (
                f"something pressed from the beginning {how_long}, so nothing was begun: take the tip off, and set the "
                "zero if it shows pressure then"
            )
        return f"nothing was pressed {how_long}: touch lightly to begin; nothing was kept"

    def _show(self, view: AttemptView) -> None:
        reason = self._run.reason
        if reason != self._problem:
            self._problem = reason
            self._say(self._run.problem or "all is well again")
        lifting = self._run.lift and view.stage is Stage.WAITING
        if lifting and not self._lifting:
            self._say("take the tip off first")
        self._lifting = lifting
        for report in view.heard[self._heard :]:
            self._say(f"simulated client: {report.words}")
        self._heard = len(view.heard)
        key = (view.stage, view.do, view.part, int(view.elapsed_s))
        asked_to = self._run.listening and not lifting
        if asked_to and key != self._shown and view.stage in (Stage.WAITING, Stage.GET_SET, Stage.RUNNING):
            self._shown = key
            self._say(view_line(view, self._unit))

    def _answer(self, view: AttemptView) -> None:
        if self._estimate is not None:
            self._run.estimate(self._estimate.kpa)
            return
        if not self._asked:
            self._asked = True
            self._say(f"{self._run.task.question} ({self._unit.label}; Enter for no idea)")
        text = self._typed.next()
        if text is None:
            if self._typed.ended:
                self._run.estimate(None)
            return
        try:
            self._run.estimate(self._unit.to_kpa(number_of(text)) if text and text != "?" else None)
        except ValueError:
            self._say(f"“{text}” is not a pressure: a number in {self._unit.label}, or Enter for no idea")

    def _obey(self, text: str | None) -> None:
        if not text:
            return
        wanted = text.lower()
        if wanted in ("give up", "q", "quit"):
            self._run.give_up()
        elif wanted in ("look", "l"):
            if not self._run.look():
                self._say("there is nothing to look at now")
        elif self._steering is not None and wanted in ("off", "let go"):
            self._steering.aim(0.0)
        elif self._steering is not None:
            try:
                self._steering.aim_kpa(self._unit.to_kpa(number_of(text)))
            except ValueError:
                self._say(f"“{text}” is not understood. {HELP_STEERED.format(unit=self._unit.label)}")
        else:
            self._say(f"“{text}” is not understood. {HELP}")
