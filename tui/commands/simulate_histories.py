"""`goodpain simulate-histories`: a large record of clients who do not exist."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("simulate-histories")
@click.option("--clients", type=click.IntRange(1), default=1000, show_default=True, help="How many.")
@click.option("--visits", type=click.IntRange(1), help="Visits of all together (default: 20 a client).")
@click.option("--presses", type=click.IntRange(0), help="Presses of all together (default: 200 a client).")
@click.option(
    "--hours",
    type=click.FloatRange(0, min_open=True),
    help="Hours of samples at 80 a second (default: 0.4 a client).",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The same seed, the same history.",
)
@click.option("--unpacked", is_flag=True, help="Samples in half-second chunks, as before `goodpain compact`.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file; in a folder as history.db it opens with --data FOLDER.",
)
def simulate_histories(
    clients: int,
    visits: int | None,
    presses: int | None,
    hours: float | None,
    seed: int,
    unpacked: bool,
    out: Path,
) -> None:
    """Make the record of a large practice with simulated clients, to try out how it is to look back in one.

    Everything in it is marked as simulated; it proves nothing about real people.
    """
    from dataclasses import replace

    from sim.histories import HistorySize, generate_history
    from tui.working import working

    size = HistorySize.of(clients)
    given = {"visits": visits, "presses": presses, "hours": hours}
    try:
        size = replace(size, **{name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with working("simulating a history") as work:
        made = generate_history(out, size, seed=seed, unpacked=unpacked, work=work)
    click.echo(
        f"{out}: {made.clients} simulated clients, {made.visits} visits, {made.presses} presses, "
        f"{made.reports} reports, {made.samples / 288_000:.1f} h of samples, {out.stat().st_size / 1e6:.0f} MB."
    )
