"""A report as HTML: facts from the record, words for the reader, laid out by a template that escapes everything."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import jinja2
from markupsafe import Markup

from tui.report.client import client_page
from tui.report.facts import Facts, gather
from tui.report.referrer import referrer_page
from tui.report.therapist import therapist_page
from tui.report.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.atlas import Atlas
    from feedback.care import CareRules
    from feedback.history import History
    from feedback.units import PressureUnit

Audience = Literal["client", "therapist", "referrer"]
AUDIENCES: tuple[Audience, ...] = ("client", "therapist", "referrer")

WHEN_TO_CALL = (
    "You are very sore, or still sore after two days. A little soreness the day after is common and mostly gone within "
    "a day and a half.",
    "Something is new: numbness, tingling, weakness, a swelling or a large bruise.",
    "Your pain becomes worse instead of better.",
)
"""What the client's report says unless the therapist has own lines. That most soreness begins within 12 hours and lasts
no longer than 36 is from Cambron 2007 (PMID 17983334); the rest is usual caution, not a finding."""


def report_html(
    history: History,
    client_code: str,
    session_id: UUID | None = None,
    audience: Audience = "therapist",
    unit: PressureUnit | None = None,
    now: datetime | None = None,
    *,
    rules: CareRules | None = None,
    atlas: Atlas | None = None,
    when_to_call: Sequence[str] = WHEN_TO_CALL,
) -> str:
    """One self-contained HTML document; it asks for nothing from anywhere when it is opened.

    Args:
        history: the record.
        client_code: whose.
        session_id: a session of the one visit it is about; None for the whole course.
        audience: whom it is for.
        unit: of pressures; None for kg/cm².
        now: the time of day, aware; its zone is that of the dates. None for the computer's.
        rules: what counts as a change; None for those that come with Goodpain.
        atlas: names of muscles and areas; None for the one that comes with Goodpain.
        when_to_call: lines that tell the client when to call.

    Raises:
        HistoryError: the record cannot be read, or nothing was pressed in that session.
    """
    from datetime import datetime as clock

    from feedback.atlas import load_atlas
    from feedback.care.shipped import rules as shipped_rules
    from feedback.units import KG_PER_CM2
    from tui.version import VERSION

    now = now or clock.now().astimezone()
    facts = gather(
        history, client_code, session_id, now, rules or shipped_rules(), atlas or load_atlas(), VERSION
    )
    return render(facts, audience, Words(unit or KG_PER_CM2, now.tzinfo), when_to_call)


def render(facts: Facts, audience: Audience, words: Words, when_to_call: Sequence[str] = WHEN_TO_CALL) -> str:
    """The document from what was gathered."""
    pages = {"client": client_page, "therapist": therapist_page, "referrer": referrer_page}
    context: dict[str, Any] = pages[audience](facts, words)
    return (
        _templates()
        .get_template(f"{audience}.html")
        .render(
            audience=audience,
            code=facts.code,
            made=words.date(facts.now),
            version=facts.app_version,
            simulated=facts.simulated,
            empty=not facts.pressed,
            when_to_call=when_to_call,
            unit_label=words.unit.label,
            **context,
        )
    )


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("tui.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The style sheet comes with the program: nothing of the record is in it.
    style, _, _ = templates.loader.get_source(templates, "report.css")  # type: ignore[union-attr]
    templates.globals["style"] = Markup(style)  # noqa: S704
    return templates
