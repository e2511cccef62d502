"""`goodpain simulate-learners`: whether scores, difficulty and progress say what is true, on learners not there."""

from __future__ import annotations

import sys

import click


@click.command("simulate-learners")
@click.option("--attempts", type=click.IntRange(20), default=500, show_default=True, help="Per score.")
@click.option("--learners", type=click.IntRange(2), default=40, show_default=True, help="Per group.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same figures."
)
def simulate_learners(attempts: int, learners: int, seed: int) -> None:
    """Try the drills on simulated learners with known errors and print every figure with its definition.

    These are engineering figures: they prove nothing about real trainees. The exit code is 1 when an aim is missed;
    with far fewer attempts than 500 chance alone can miss one.
    """
    from sim.trials.figures import text_of
    from sim.trials.learners import HEADING, run

    click.echo(f"{HEADING}\n{attempts} attempts, {learners} learners, seed {seed}\n")
    missed = 0
    for figure in run(attempts, learners, seed):
        missed += figure.met is False
        click.echo(text_of(figure), nl=False)
        sys.stdout.flush()
    click.echo(f"\n{missed} aims not met" if missed else "\nevery aim met")
    if missed:
        raise SystemExit(1)
