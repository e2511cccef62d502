"""`goodpain simulate-therapists`: what the coach changes, on therapists and clients that are not there."""

from __future__ import annotations

import os

import click


@click.command("simulate-therapists")
@click.option(
    "--sessions",
    type=click.IntRange(10),
    default=200,
    show_default=True,
    help="How many with the coach, and as many without.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same figures."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=min(os.cpu_count() or 1, 8),
    show_default="one per core",
    help="Processes that share the work.",
)
def simulate_therapists(sessions: int, seed: int, workers: int) -> None:
    """Try the same simulated therapists and clients with and without the coach, every figure with its definition.

    These are engineering figures from simulated people: they prove nothing about real ones. The exit code is 1 when an
    aim is missed.
    """
    from sim.trials.therapists import HEADING, run
    from tui.commands.simulate_figures import Counter, show

    with Counter("sessions") as counter:
        missed = show(
            f"{HEADING}\n{sessions} simulated sessions with and {sessions} without the coach, seed {seed}",
            run(sessions, seed, workers, counter.tell),
            counter,
        )
    if missed:
        raise SystemExit(1)
