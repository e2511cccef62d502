"""The line of keys at the foot of a screen."""

from __future__ import annotations

from textual.widgets import Footer


class KeyLine(Footer):
    """Textual's, which would keep every key that it has ever shown for as long as its screen is there.

    Each time another screen comes or goes it makes its keys anew, binds them to `compact`, and forgets the old ones
    only when that changes. Keys of a group stand as far from their neighbours as all others do.
    """

    DEFAULT_CSS = """
    KeyLine.-compact {
        & KeyGroup.-compact { padding-left: 0; }
        & FooterLabel { margin: 0 1 0 0; }
    }
    """

    async def recompose(self) -> None:
        """Make the keys anew."""
        await super().recompose()
        if self.is_attached:
            self.mutate_reactive(Footer.compact)
