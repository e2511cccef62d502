"""The questions before something is corrected: what it should be, and why; what was recorded first stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label

from feedback.comfort import ReportKind
from feedback.refusal import Refusal
from tui.screens.visit.sheet import Sheet

if TYPE_CHECKING:
    from tui.screens.review.moments import Moment
    from tui.screens.review.page import Desk


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was filled in: a word with its rating, or a text, or (of a void press) neither; why, and who says so."""

    reason: str
    who: str = ""
    kind: ReportKind | None = None
    rating: int | None = None
    text: str = ""


class SaidError(Refusal, ValueError):
    """What was typed is nothing that a client says; the message says what may be."""


def parse_said(typed: str) -> tuple[ReportKind, int | None]:
    """What a client said, as it is typed: `7`, `7/10`, `too much`, or a beginning that fits one word alone.

    Raises:
        SaidError: it fits nothing, or several words.
    """
    words = " ".join(typed.lower().replace("_", " ").split())
    if number := re.fullmatch(r"(\d{1,2})(?: ?/ ?10)?", words):
        rating = int(number[1])
        if rating > 10:
            raise SaidError(f"{rating} is no rating: 0 to 10")
        return ReportKind.RATING, rating
    known = [kind for kind in ReportKind if kind is not ReportKind.RATING]
    fits = [kind for kind in known if kind.words == words] or [
        kind for kind in known if words and kind.words.startswith(words)
    ]
    if len(fits) == 1:
        return fits[0], None
    if fits:
        raise SaidError(
            f"“{typed.strip()}” may mean {' or '.join(kind.words for kind in fits)}: type more of it"
        )
    raise SaidError(f"type 0 to 10, or one of: {', '.join(kind.words for kind in known)}")


class _Question(Sheet["Corrected | None"]):
    """A field for what it should be (or none), one for why, one for who says so."""

    DEFAULT_CSS = """
    _Question .line { margin-top: 1; }
    _Question .line > .named { width: 11; }
    _Question Input { width: 1fr; }
    _Question.-tiny .line { margin-top: 0; }
    """
    sheet_keys = "Enter: next field, then keep · Esc: leave it as it is"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.loop, desk.unit)
        self._who = desk.settings.therapist

    def on_key(self, event: events.Key) -> None:
        """Up and down from field to field."""
        if event.key in ("up", "down"):
            event.stop()
            (self.focus_next if event.key == "down" else self.focus_previous)()

    def reasons(self) -> Iterator[Widget]:
        """The last two fields."""
        with Horizontal(classes="line"):
            yield Label("Why", classes="named")
            yield Input(id="why", placeholder="in a few words; no names", max_length=300)
        with Horizontal(classes="line"):
            yield Label("Who", classes="named")
            yield Input(self._who, id="who", placeholder="your code, may be empty", max_length=40)
        yield Label("What was recorded first stays in the record, with this beside it.", classes="hint")

    def on_input_changed(self) -> None:
        """What was wrong is being mended."""
        self.wrong("")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "new" and not self._value("#why"):
            # By name: a second Enter that was on its way before the first was obeyed goes no further.
            self.query_one("#why", Input).focus()
        else:
            self.action_go_on()

    def _value(self, field: str) -> str:
        return " ".join(self.query_one(field, Input).value.split())

    def told(self) -> Corrected | None:
        """What was filled in; None, and told, when something is wrong."""
        raise NotImplementedError

    def action_go_on(self) -> None:
        """Keep it."""
        if not self._value("#why"):
            self.wrong("Say why in a few words: whoever reads it later wants to know")
            self.query_one("#why", Input).focus()
        elif (told := self.told()) is not None:
            self.dismiss(told)


class CorrectReport(_Question):
    """Another word or number in place of one that was entered wrongly.

    Args:
        moment: what was said.
        desk: whose unit and therapist's code are used.
    """

    sheet_title = "Correct what was said"
    AUTO_FOCUS = "#new"

    def __init__(self, moment: Moment, desk: Desk) -> None:
        super().__init__(desk)
        self._moment = moment

    def content(self) -> Iterator[Widget]:
        """What stands, what it should be, why."""
        yield Label(f"In the record, {self._moment.words}", classes="said", markup=False)
        with Horizontal(classes="line"):
            yield Label("Should be", classes="named")
            yield Input(id="new", placeholder="0 to 10, or good, too much, …", max_length=20)
        yield from self.reasons()

    def told(self) -> Corrected | None:
        """The word, with why."""
        try:
            kind, rating = parse_said(self._value("#new"))
        except SaidError as error:
            self.wrong(str(error)[:1].upper() + str(error)[1:])
            self.query_one("#new", Input).focus()
            return None
        return Corrected(self._value("#why"), self._value("#who"), kind, rating)


class CorrectNote(_Question):
    """Other words for a note.

    Args:
        moment: the note.
        desk: whose unit and therapist's code are used.
    """

    sheet_title = "Correct a note"
    AUTO_FOCUS = "#new"

    def __init__(self, moment: Moment, desk: Desk) -> None:
        super().__init__(desk)
        self._text = moment.words.removeprefix("note: ")

    def content(self) -> Iterator[Widget]:
        """The words as they are, to be changed; why."""
        with Horizontal(classes="line"):
            yield Label("Should be", classes="named")
            yield Input(self._text, id="new", max_length=500, select_on_focus=False)
        yield from self.reasons()

    def told(self) -> Corrected | None:
        """The words, with why."""
        text = self._value("#new")
        if not text or text == self._text:
            self.wrong("Change the words of the note, or press Esc")
            return None
        return Corrected(self._value("#why"), self._value("#who"), text=text)


class VoidPress(_Question):
    """Why a press should be left out of all figures, or count again.

    Args:
        desk: whose unit and therapist's code are used.
        restore: it is void and should count again.
    """

    AUTO_FOCUS = "#why"

    def __init__(self, desk: Desk, *, restore: bool) -> None:
        super().__init__(desk)
        self._restore = restore
        self.sheet_title = (
            "Let this press count again?" if restore else "Leave this press out of all figures?"
        )

    def content(self) -> Iterator[Widget]:
        """What it means, why."""
        means = (
            "It will count in every figure again."
            if self._restore
            else "It stays in the record and in the lists, marked void; doses, averages and courses leave it out."
        )
        yield Label(means, classes="said", markup=False)
        yield from self.reasons()

    def told(self) -> Corrected | None:
        """Why."""
        return Corrected(self._value("#why"), self._value("#who"))
