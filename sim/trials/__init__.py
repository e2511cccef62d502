"""Simulated trials of the learned band: many simulated clients, figures with their definitions.

Nothing here is clinical evidence. The clients are drawn from the model that the band assumes, or break it on purpose.
"""

from sim.trials.figures import Figure, run, text_of

__all__ = ["Figure", "run", "text_of"]
