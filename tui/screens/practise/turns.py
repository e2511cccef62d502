"""Attempts one after the other: begin, attempt, result, again; in a block without truths, all of them at its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback.drills import TaskError, level_of
from feedback.drills.advice import advice_of, after_attempt
from feedback.history import HistoryError
from firmware_bridge.errors import BridgeError
from tui.attempt_texts import place_of
from tui.drill_lines import drawn_outcome
from tui.practise.tone import PracticeTone
from tui.screens.practise.attempt import AttemptScreen
from tui.screens.practise.block import BlockScreen, KeptScreen
from tui.screens.practise.result import CHOOSABLE, Onward, ResultScreen
from tui.screens.practise.steer import SteeredHand

if TYPE_CHECKING:
    from textual.app import App

    from feedback.drills import AttemptRecord, Drill, FeedbackMode, Outcome, Purpose
    from tui.practise.studio import PractiseStudio

LONG_S = 0.7
"""After so long a wait is said."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be done in a row.

    Attributes:
        drill: the exercise.
        purpose: what the attempts are for.
        feedback: when the pressure is seen.
        done: attempts of it that count already.
        of: how many it has; 0 for as many as the trainee likes.
        reveal: each attempt shows its truth; without it all are shown after the last.
    """

    drill: Drill
    purpose: Purpose
    feedback: FeedbackMode
    done: int = 0
    of: int = 0
    reveal: bool = True


async def take_turns(
    app: App[None],
    studio: PractiseStudio,
    trainee: str,
    turn: Turn,
    *,
    tone: PracticeTone | None = None,
    hand: SteeredHand | None = None,
) -> list[AttemptRecord]:
    """Do attempts until all are done or the trainee has enough; call it from a worker (`@work`) of the app.

    Void attempts are offered again and do not count. What cannot be done (a target above the ceiling, no sensor) is
    said in one sentence, and that is the end.

    Args:
        app: shows the screens.
        studio: makes the tasks, has the sensor, keeps the attempts.
        trainee: a code.
        turn: what is to be done.
        tone: what is heard; made and closed here when None is given.
        hand: the simulated hand that keys move; made here when the studio's sensor has one and None is given.

    Returns:
        What was kept, void ones too, oldest first.
    """
    own = tone or PracticeTone.of(studio.settings)
    try:
        return await _Turns(app, studio, trainee, turn, own, hand or _hand_of(studio)).go()
    finally:
        if tone is None:
            own.shut()


def _hand_of(studio: PractiseStudio) -> SteeredHand | None:
    if not studio.steered:
        return None
    from sim.steering import Steering

    return SteeredHand(Steering(studio.sensor_url))


class _Turns:
    def __init__(
        self,
        app: App[None],
        studio: PractiseStudio,
        trainee: str,
        turn: Turn,
        tone: PracticeTone,
        hand: SteeredHand | None,
    ) -> None:
        self._app = app
        self._studio = studio
        self._trainee = trainee
        self._turn = turn
        self._tone = tone
        self._hand = hand
        self._feedback = turn.feedback
        self._done = turn.done
        self._kept: list[AttemptRecord] = []

    async def go(self) -> list[AttemptRecord]:
        turn = self._turn
        try:
            while not turn.of or self._done < turn.of:
                if not await self._one():
                    break
            if not turn.reveal and self._kept and turn.of and self._done >= turn.of:
                await self._app.push_screen_wait(self._block())
        except (TaskError, BridgeError, HistoryError) as error:
            text = str(error)
            self._app.notify(f"{text[:1].upper()}{text[1:]}", severity="error", timeout=15)
        return self._kept

    async def _one(self) -> bool:
        """One attempt and what is said of it; False when the trainee has enough."""
        studio, turn = self._studio, self._turn
        task = studio.task(self._trainee, turn.drill.name, turn.purpose, self._feedback)
        await self._wait_for_sensor()
        run = studio.begin(task, trainee=self._trainee, purpose=turn.purpose, watchers=(self._tone,))
        place = place_of(turn.purpose, self._done, turn.of, task.feedback)
        record = await self._app.push_screen_wait(
            AttemptScreen(run, studio, place=place, hand=self._hand, sound=self._tone.sound)
        )
        if record is None:
            return False
        self._kept.append(record)
        self._done += record.counts
        # Of a view, not of the run: where the truth may not be shown, there is none.
        outcome = run.view().outcome
        if outcome is not None:
            onward = await self._app.push_screen_wait(self._result(record, outcome, place))
        elif record.counts and turn.of and self._done >= turn.of:
            return True
        else:
            screen = KeptScreen(record, done=self._done, of=turn.of, title=turn.drill.title)
            onward = await self._app.push_screen_wait(screen)
        if turn.purpose in CHOOSABLE and onward.feedback is not None:
            self._feedback = onward.feedback
        return onward.go_on

    async def _wait_for_sensor(self) -> None:
        """Meanwhile the screen goes on, and says so when it takes long."""
        ready = asyncio.ensure_future(asyncio.to_thread(self._studio.make_ready))
        done, _ = await asyncio.wait([ready], timeout=LONG_S)
        if not done:
            self._app.notify("Waiting for the sensor …", timeout=4)
        await ready

    def _result(self, record: AttemptRecord, outcome: Outcome, place: str) -> ResultScreen:
        attempts = self._studio.training(self._trainee).attempts
        last = self._turn.of and self._done >= self._turn.of
        return ResultScreen(
            record,
            drawn_outcome(outcome),
            sentence=after_attempt(outcome),
            advice=advice_of(attempts).sentence,
            earlier=attempts,
            settings=self._studio.settings,
            title=self._turn.drill.title,
            place=place,
            onward="go on" if last else "next attempt",
            simulated=self._studio.simulated,
        )

    def _block(self) -> BlockScreen:
        turn, history = self._turn, self._studio.training(self._trainee)
        name = turn.drill.name
        before = [a for a in history.of(name) if a.purpose is turn.purpose]
        mine = {record.attempt_id for record in self._kept}
        earlier = [a for a in before if a.attempt_id not in mine][-turn.done :] if turn.done else []
        now = level_of(history, name)
        level = f"Level: {now.level.value}." + (f" Next: {now.next}." if now.next else "")
        return BlockScreen(
            [*earlier, *self._kept],
            purpose=turn.purpose,
            of=turn.of,
            settings=self._studio.settings,
            title=turn.drill.title,
            level=level,
            simulated=self._studio.simulated,
        )


__all__ = ["Onward", "Turn", "take_turns"]
