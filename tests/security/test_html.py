"""A report in a real browser: whatever anybody wrote into the record is read, and nothing of it runs or is fetched."""

from __future__ import annotations

import html
import sqlite3
from itertools import cycle
from pathlib import Path

from click.testing import CliRunner

from tests.report.browser import chromium, needs_chromium
from tests.report.courses import four_visits
from tests.security.hostile import free_texts
from tui.cli import goodpain

pytestmark = needs_chromium

ATTACKS = {
    "script": "<script>ran(1)</script>",
    "attribute": '"\' onmouseover=ran(2) autofocus onfocus=ran(2) x="',
    "image": "<img src=http://evil.example/i onerror=ran(3)>",
    "style": "</style></title></svg></desc><script>ran(4)</script><style>@import 'http://evil.example/s';",
    "address": '<a href="javascript:ran(5)" id=trap>javascript:ran(5)</a>',
    "drawing": '<svg onload=ran(6)><use href="http://evil.example/u"/></svg></text></title>',
    "frame": '<iframe srcdoc="<script>parent.ran(7)</script>"></iframe><base href=http://evil.example/>',
    "template": "{{ 7*191 }}{% include '/etc/passwd' %}<!--#exec cmd=id--><![CDATA[<b>]]>",
    "refresh": '<meta http-equiv=refresh content="0;url=http://evil.example/r"><form action=http://evil.example/f>',
}
EVERYTHING = " ".join(ATTACKS.values())
FIRED = """() => {
  for (const one of document.querySelectorAll('*'))
    for (const kind of ['mouseover', 'mouseenter', 'focus', 'load', 'error', 'click', 'toggle', 'begin'])
      one.dispatchEvent(new Event(kind));
  return [...document.querySelectorAll('script, iframe, img, a, form, base, object, embed, link, use, foreignObject')]
    .map(one => one.outerHTML.slice(0, 200));
}"""
"""Sets off whatever waits for somebody, and looks for what no report has."""
HANDLERS = """() => [...document.querySelectorAll('*')].flatMap(one =>
  [...one.attributes].filter(a => /^on|^srcdoc$|^href$|^xlink:/i.test(a.name)).map(a => one.tagName + ' ' + a.name))"""
TEXT = """() => document.documentElement.textContent + ' '
  + [...document.querySelectorAll('[aria-label]')].map(one => one.getAttribute('aria-label')).join(' ')"""
CODE = ATTACKS["script"]


def _attacked(folder: Path) -> None:
    """Four visits in which every text that anybody could write is an attack, all of them where there is room."""
    four_visits(folder / "history.db")
    database = sqlite3.connect(folder / "history.db")
    with database:
        for (table, column), attack in zip(free_texts(), cycle(ATTACKS.values()), strict=False):
            limit = getattr(column.type, "length", None)
            database.execute(
                f'UPDATE "{table}" SET "{column.name}" = substr(? || coalesce("{column.name}", \'\'), 1, ?)',
                (attack if limit else EVERYTHING, limit or 10_000),
            )
        database.execute("UPDATE client SET code = ? WHERE code = 'A17'", (CODE,))
    database.close()
    (folder / "when-to-call.txt").write_text("\n".join(ATTACKS.values()), "utf-8")


def test_nothing_that_was_written_runs_or_is_fetched(tmp_path: Path) -> None:
    _attacked(tmp_path)
    reports: list[Path] = []
    for audience in ("client", "therapist", "referrer"):
        for visit in ((), ("--visit", "2")):
            out = tmp_path / f"{audience}{len(visit)}.html"
            words = ("report", "--client", CODE, "--for", audience, "--out", str(out), *visit)
            done = CliRunner().invoke(goodpain, ["--data", str(tmp_path), *words])
            assert done.exit_code == 0, done.output
            reports.append(out)
    with chromium() as tab:
        tab.page.add_init_script("window.fired = []; window.ran = n => { window.fired.push(n) }")
        for path in reports:
            page = tab.open(path)
            assert page.evaluate(FIRED) == [], path
            assert page.evaluate(HANDLERS) == [], path
            assert page.evaluate("window.fired") == [], path
            assert tab.requests == [path.as_uri()], path
            assert tab.said == [], path
            # Not only harmless: it is there, as it was written.
            seen = " ".join(page.evaluate(TEXT).split())
            assert CODE in seen, path
            assert path.name != "client0.html" or [one for one in ATTACKS.values() if one not in seen] == []
            assert "1337" not in seen, path
        # The same judgement of a report that escapes nothing.
        bare = tmp_path / "bare.html"
        bare.write_text(html.unescape(reports[0].read_text("utf-8")), "utf-8")
        page = tab.open(bare)
        assert page.evaluate(FIRED)
        assert page.evaluate(HANDLERS)
        assert tab.said
