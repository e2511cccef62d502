"""The field for the ceiling: prefilled, with the reason beside it, until another is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label

from tui.wanted import ceiling_of

if TYPE_CHECKING:
    from feedback.units import PressureUnit
    from tui.opening import CeilingOffer


class CeilingField(Horizontal):
    """A ceiling in the user's unit.

    Args:
        unit: of the pressure.
        classes: its classes.
    """

    def __init__(self, unit: PressureUnit, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._unit = unit
        self._offered: CeilingOffer | None = None

    def compose(self) -> ComposeResult:
        """Number and reason."""
        yield Input("", placeholder="always set", id="ceiling", classes="short")
        yield Label(self._unit.label, classes="beside", id="ceiling-why", markup=False)

    @property
    def typed(self) -> bool:
        """Something else stands there than what was offered."""
        return self._offered is not None and self._text != self._shown

    @property
    def kpa(self) -> float:
        """The ceiling in kPa; one that was offered is as it was, not as it is rounded.

        Raises:
            WantedError: what is typed is no pressure above 0.
        """
        if self._offered is not None and not self.typed:
            return self._offered.kpa
        return ceiling_of(self._text, self._unit)

    def offer(self, offer: CeilingOffer) -> None:
        """Fill it in."""
        self._offered = offer
        self.query_one(Input).value = self._shown
        self.query_one(Label).update(f"{self._unit.label} – {offer.why}")

    @property
    def _text(self) -> str:
        return self.query_one(Input).value.strip()

    @property
    def _shown(self) -> str:
        return "" if self._offered is None else self._unit.text(self._offered.kpa, unit=False)
