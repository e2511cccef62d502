"""The line of keys under screens that come and go."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets._footer import FooterKey

from tui.widgets.key_line import KeyLine


class Page(Screen[None]):
    BINDINGS: ClassVar = [("a", "a", "one"), ("b", "b", "other")]

    def compose(self) -> ComposeResult:
        yield KeyLine(show_command_palette=False, compact=True)


def test_keys_that_are_shown_no_more_are_forgotten_while_their_screen_stays():
    async def go() -> None:
        app: App[None] = App()
        async with app.run_test() as pilot:
            await app.push_screen(Page())
            await pilot.pause()
            line = app.screen.query_one(KeyLine)
            shown: weakref.WeakSet[FooterKey] = weakref.WeakSet(line.query(FooterKey))
            for _ in range(5):
                await app.push_screen(Screen())
                await pilot.pause()
                await app.pop_screen()
                await pilot.pause()
                shown |= weakref.WeakSet(line.query(FooterKey))
            gc.collect()
            now = list(line.query(FooterKey))
            assert len(now) >= 2
            assert all(key.has_class("-compact") for key in now)
            assert set(shown) == set(now)

    asyncio.run(go())
