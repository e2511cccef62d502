"""The real attempt screens in a real app on a real record, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from textual import work

from feedback.drills import AttemptRecord, Drill, FeedbackMode, Purpose, drill_from_toml
from tests.practise.stepped import SteppedSensor
from tests.tui.sessions import Running
from tui.own_app import OwnApp
from tui.practise.opening import practise_studio
from tui.practise.studio import PractiseStudio
from tui.practise.tone import PracticeTone
from tui.screens.practise.attempt import AttemptScreen
from tui.screens.practise.steer import SteeredHand
from tui.screens.practise.turns import Turn, take_turns
from tui.settings import Settings
from tui.sound import Sound
from tui.wanted import SensorWanted

QUICK = """
title = "Quick find"
kind = "find"
about = "Press it."
target = "2.0 kg/cm2"
tolerance_pct = 15
reach_s = 1
hold_s = 1.5
"""
"""A drill that takes as little time as an attempt can."""

Cells = tuple[tuple[str, str], ...]


@dataclass
class Spoken:
    """A player that keeps what it is told to play."""

    lines: list[str] = field(default_factory=list)
    problem: str = ""
    ready: bool = True

    def send(self, line: str, now_s: float) -> bool:
        self.lines.append(line.split()[0])
        return True

    def close(self) -> None:
        pass


class TurnsApp(OwnApp):
    """Does one turn and keeps what comes of it."""

    def __init__(
        self, studio: PractiseStudio, turn: Turn, sound: Sound, hand: SteeredHand | None = None
    ) -> None:
        super().__init__(studio.settings)
        self._studio = studio
        self._turn = turn
        self._tone = PracticeTone(sound)
        self._hand = hand
        self.kept: list[AttemptRecord] | None = None

    def on_mount(self) -> None:
        self.begin_in_order()
        self._go()

    @work
    async def _go(self) -> None:
        self.kept = await take_turns(self, self._studio, "T-01", self._turn, tone=self._tone, hand=self._hand)


@dataclass
class Room(Running):
    """A running turn; `app` and `studio` as in `tests.tui.sessions`."""

    studio: PractiseStudio  # type: ignore[assignment]
    spoken: Spoken = field(default_factory=Spoken)
    sensor: SteppedSensor | None = None

    @property
    def kept(self) -> list[AttemptRecord] | None:
        app = self.app
        assert isinstance(app, TurnsApp)
        return app.kept

    def cells(self) -> tuple[Cells, ...]:
        """All that is on the screen: every run of characters with its colours."""
        self.rows()
        strips = self.app.screen._compositor.render_strips()
        return tuple(tuple((s.text, str(s.style)) for s in strip if s.text) for strip in strips)

    async def settled(self) -> tuple[Cells, ...]:
        """The same, once all of it is there and it stands still."""
        await self.until(lambda: bool(self.app.screen.query("FooterKey")), "the line of keys")
        before = None
        for _ in range(200):
            now = self.cells()
            if now == before:
                return now
            before = now
            await asyncio.sleep(0.025)
        raise AssertionError("the screen never stands still")

    async def at(self, time_s: float) -> tuple[Cells, ...]:
        """Let time go on until then; the screen as it is then."""
        assert self.sensor is not None
        self.sensor.advance(time_s)
        screen = self.app.screen
        if isinstance(screen, AttemptScreen):
            await self.until(lambda: _has_drawn(self, screen, time_s), f"the screen at {time_s} s")
        return await self.settled()


def _has_drawn(room: Room, screen: AttemptScreen, time_s: float) -> bool:
    return room.app.screen is not screen or (screen.view is not None and screen.view.now_s >= time_s - 1e-9)


def drill_of(text: str = QUICK, name: str = "quick-find") -> Drill:
    return drill_from_toml(text, f"{name}.toml", name)


@asynccontextmanager
async def turn_of(
    folder: Path,
    *,
    purpose: Purpose = Purpose.PRACTICE,
    feedback: FeedbackMode = FeedbackMode.ALWAYS,
    drill: str = QUICK,
    of: int = 1,
    sensor: SteppedSensor | None = None,
    url: str = "sim://bench?hand=steered&noise=0",
    settings: Settings | None = None,
    size: tuple[int, int] = (80, 24),
    hand: Callable[[PractiseStudio], SteeredHand] | None = None,
) -> AsyncIterator[Room]:
    """A turn at a drill, on a stepped sensor or a simulated one."""
    drills = folder / "drills"
    drills.mkdir(parents=True, exist_ok=True)
    (drills / "quick-find.toml").write_text(drill, "utf-8")
    with ExitStack() as stack:
        if sensor is None:
            studio = stack.enter_context(practise_studio(folder, settings or Settings(), SensorWanted(url)))
        else:
            opened = stack.enter_context(
                practise_studio(folder, settings or Settings(), SensorWanted("sim://bench"))
            )
            studio = PractiseStudio(
                opened.settings,
                opened.history,
                drills,
                lambda: sensor,  # type: ignore[arg-type,return-value]  # it speaks all that a run asks for
                sensor_url="replay://hand",
                tip_area_cm2=1.0,
                now=opened.now,
            )
        blind = purpose not in (Purpose.PRACTICE, Purpose.FREE)
        turn = Turn(
            studio.drills["quick-find"],
            purpose,
            FeedbackMode.NONE if blind else feedback,
            of=of,
            reveal=not blind,
        )
        spoken = Spoken()
        app = TurnsApp(studio, turn, Sound(output=spoken), hand(studio) if hand else None)
        async with app.run_test(size=size):
            yield Room(app, studio, spoken, sensor)  # type: ignore[arg-type]
            app.exit()
