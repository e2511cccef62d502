"""Drills: a trainee learns to press what is asked, first with the screen and then without.

library     the drills there are                  drill, reading   what a drill is, and its file
task        a drill for one attempt               trajectory       its target over time
attempt     one go at it                          attempt_view     what a screen may show of it
scores      what the scores mean                  scoring          how they come about
records     what is kept                          adapt            how hard the next attempt is
curriculum  what is next                          levels           how far the skill is
progress    curves, maps, groups                  advice           one sentence
presses     the same scores of presses in real treatment
"""

from feedback.drills.adapt import Staircase, difficulty_at, difficulty_of
from feedback.drills.amounts import Amount, amount_of
from feedback.drills.attempt import Attempt
from feedback.drills.attempt_view import OVER, Aim, AttemptView, Shown, Stage, Void
from feedback.drills.curriculum import Reminder, Step, next_step, reminders
from feedback.drills.drill import CLIENTS, Drill, DrillKind, Judged, Threshold
from feedback.drills.errors import DrillError, TaskError
from feedback.drills.levels import Level, LevelNow, level_of
from feedback.drills.outcome import Outcome, Pressed
from feedback.drills.plan import DEFAULT_PLAN, Plan, StepKind
from feedback.drills.reading import drill_from_toml
from feedback.drills.records import AttemptRecord, Purpose, Skip, TrainingHistory, record_of
from feedback.drills.scores import MEANINGS, AttemptScores, Dimension, Meaning, Score, ScoreKey, WindowScores
from feedback.drills.scoring import scores_of
from feedback.drills.task import (
    AS_WRITTEN,
    Difficulty,
    FeedbackMode,
    Limit,
    Refusal,
    Task,
    refusal_of,
    task_of,
)
from feedback.drills.trajectory import Piece, Trajectory

__all__ = [
    "AS_WRITTEN",
    "CLIENTS",
    "DEFAULT_PLAN",
    "MEANINGS",
    "OVER",
    "Aim",
    "Amount",
    "Attempt",
    "AttemptRecord",
    "AttemptScores",
    "AttemptView",
    "Difficulty",
    "Dimension",
    "Drill",
    "DrillError",
    "DrillKind",
    "FeedbackMode",
    "Judged",
    "Level",
    "LevelNow",
    "Limit",
    "Meaning",
    "Outcome",
    "Piece",
    "Plan",
    "Pressed",
    "Purpose",
    "Refusal",
    "Reminder",
    "Score",
    "ScoreKey",
    "Shown",
    "Skip",
    "Stage",
    "Staircase",
    "Step",
    "StepKind",
    "Task",
    "TaskError",
    "Threshold",
    "TrainingHistory",
    "Trajectory",
    "Void",
    "WindowScores",
    "amount_of",
    "difficulty_at",
    "difficulty_of",
    "drill_from_toml",
    "level_of",
    "next_step",
    "record_of",
    "refusal_of",
    "reminders",
    "scores_of",
    "task_of",
]
