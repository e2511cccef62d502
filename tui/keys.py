"""The keys of the live screen; each has an id, so that a settings file can put it on a pedal or a clicker."""

from __future__ import annotations

from textual.binding import Binding

from feedback.comfort import ReportKind
from tui.settings import SettingsError


def _rating_keys() -> list[Binding]:
    keys = [
        Binding(
            str(n),
            f"rate({n})",
            "Rating" if n == 0 else f"{n} out of 10",
            id=f"rating-{n}",
            show=n == 0,
            # In the list of keys all ten are one line.
            system=n > 0,
            key_display="0-9" if n == 0 else None,
        )
        for n in range(10)
    ]
    return [*keys, Binding("t", "rate(10)", "10 out of 10", id="rating-10", show=False)]


def _word(
    kind: ReportKind, keys: str, label: str = "", show: bool = True, key_display: str | None = None
) -> Binding:
    return Binding(
        keys,
        f"say('{kind.value}')",
        label or kind.words.capitalize(),
        id=kind.value.replace("_", "-"),
        show=show,
        key_display=key_display,
    )


def live_keys() -> list[Binding]:
    """Bindings of the live screen. The largest key stops."""
    return [
        _word(ReportKind.STOP, "space", key_display="space"),
        _word(ReportKind.TOO_LITTLE, "l,left", "Little", key_display="l"),
        _word(ReportKind.GOOD, "g,enter", "Good", key_display="g"),
        _word(ReportKind.TOO_MUCH, "m,right", "Much", key_display="m"),
        *_rating_keys(),
        _word(ReportKind.THERE, "h", show=False),
        _word(ReportKind.ENOUGH, "e", show=False),
        _word(ReportKind.EASING, "down", show=False),
        _word(ReportKind.WORSENING, "up", show=False),
        Binding("u,backspace", "undo", "Undo", id="undo", key_display="u"),
        Binding("r", "resume", "Go on after stop", id="resume", show=False),
        Binding("z", "tare", "Zero", id="tare", show=False),
        Binding("p", "next_point", "Point", id="next-point"),
        Binding("c", "care", "Care", id="care"),
        Binding("b", "band", "Band", id="band", show=False),
        Binding("k", "technique", "Technique", id="technique", show=False),
        Binding("f", "move_on", "Next phase", id="move-on", show=False),
        Binding("s", "sound", "Sound on or off", id="sound", show=False),
        Binding("plus,equals_sign", "louder", "Louder", id="louder", show=False, key_display="+"),
        Binding("minus", "softer", "Softer", id="softer", show=False, key_display="-"),
        Binding("n", "note", "Note", id="note", show=False),
        Binding("w", "last_time", "Last time here", id="last-time", show=False),
        Binding("v", "freeze", "Freeze chart", id="freeze", show=False),
        Binding("f2", "learn_keys", "Own keys", id="learn-keys", show=False),
        Binding("question_mark,f1", "app.toggle_help", "Help", id="help", key_display="?"),
        Binding("q", "app.quit", "End", id="end"),
    ]


def check_keymap(keys: dict[str, str]) -> None:
    """Refuse ids that do not exist.

    Raises:
        SettingsError: an id that is none; the message lists those there are.
    """
    known = {binding.id for binding in live_keys() if binding.id}
    for name in keys:
        if name not in known:
            raise SettingsError(
                f"[keys] {name}: there is no such key to set; there are {', '.join(sorted(known))}"
            )
