"""Figures of a simulated trial on the terminal, and how far it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

import click

from tui.printable import own_sequences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.trials.figures import Figure


class Counter:
    """How far a trial is, on one line of stderr when that is a terminal; the line is gone when it ends."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = ""
        self._on = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def tell(self, done: int, of: int) -> None:
        """So many are done, of so many."""
        text = f"{self._what}: {done} of {of}"
        if self._on and text != self._shown and (done % 5 == 0 or done == of):
            self.clear()
            self._shown = text
            click.echo(text, err=True, nl=False)
            sys.stderr.flush()

    def clear(self) -> None:
        """Wipe the line."""
        if self._shown:
            click.echo("\r" + " " * len(self._shown) + "\r", file=own_sequences(sys.stderr), nl=False)
            self._shown = ""


def show(heading: str, figures: Iterable[Figure], counter: Counter) -> int:
    """Print every figure as it is done, then how many aims were not met; returns that."""
    from sim.trials.figures import text_of

    click.echo(f"{heading}\n")
    missed = 0
    for figure in figures:
        missed += figure.met is False
        counter.clear()
        click.echo(text_of(figure), nl=False)
        sys.stdout.flush()
    counter.clear()
    click.echo(f"\n{missed} {'aim' if missed == 1 else 'aims'} not met" if missed else "\nevery aim met")
    return missed
