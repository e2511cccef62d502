"""`goodpain simulate-clients`: how good the learned band is, on clients that are not there."""

from __future__ import annotations

import sys

import click


@click.command("simulate-clients")
@click.option("--clients", type=click.IntRange(20), default=1000, show_default=True, help="How many.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same figures."
)
def simulate_clients(clients: int, seed: int) -> None:
    """Try the learned band on simulated clients and print every figure with its definition.

    These are engineering figures from simulated people: they prove nothing about real ones. The exit code is 1 when an
    aim is missed.
    """
    from sim.trials.figures import HEADING, run, text_of

    click.echo(f"{HEADING}\n{clients} simulated clients, seed {seed}\n")
    missed = 0
    for figure in run(clients, seed):
        missed += figure.met is False
        click.echo(text_of(figure), nl=False)
        sys.stdout.flush()
    click.echo(f"\n{missed} aims not met" if missed else "\nevery aim met")
    if missed:
        raise SystemExit(1)
