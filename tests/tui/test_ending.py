"""The end of an application, at a moment at which it does something else."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input, Label

from tui.own_app import OwnApp
from tui.settings import Settings


class Asking(Screen[None]):
    """A question that needs its field at once, as ours do."""

    def compose(self) -> ComposeResult:
        yield Label("What?")
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).value = "nothing"

    def on_input_changed(self) -> None:
        self.query_one(Label).update("So")


class Ending(OwnApp):
    def on_mount(self) -> None:
        self.begin_in_order()


@pytest.mark.parametrize("first", ["exit", "push"])
async def test_a_question_that_comes_with_the_end_is_nobodys_mistake(first: str) -> None:
    app = Ending(Settings())
    async with app.run_test():
        if first == "exit":
            app.exit()
        app.push_screen(Asking())
        app.exit()
    assert app.return_code == 0


async def test_a_mistake_is_one_as_long_as_nobody_ended_the_application() -> None:
    app = Ending(Settings())
    with pytest.raises(ZeroDivisionError):
        async with app.run_test():
            app.call_later(lambda: 1 // 0)
