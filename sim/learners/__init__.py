"""Simulated learners: trainees with known errors, who practise, learn and forget.

Nobody's hand is in them: they say whether the scores, the difficulty and the progress are computed as they claim.
"""

from sim.learners.learner import Ability, SimulatedLearner, Trace
from sim.learners.practice import attempt_by, record_by
from sim.learners.with_client import client_for, good_pain_kpa, treat

__all__ = [
    "Ability",
    "SimulatedLearner",
    "Trace",
    "attempt_by",
    "client_for",
    "good_pain_kpa",
    "record_by",
    "treat",
]
