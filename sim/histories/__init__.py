"""Large histories of simulated clients, made quickly: for trials of speed and size, and to look around in.

Everything follows from a seed and is marked as simulated by the sensor's address. The presses are shaped like those of
`sim.trials.force_hand` and go through the noise of `sim.electronics`, so that their samples take the room that real
ones take; how clients change from visit to visit is made up. Nothing here is clinical evidence.
"""

from sim.histories.generate import Generated, HistorySize, generate_history

__all__ = ["Generated", "HistorySize", "generate_history"]
