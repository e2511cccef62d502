"""The rules that end a phase, by the words that go into the record."""

REACHED = "reached the band"
SAFE_LIMIT = "as far as is safe"
"""There is no band yet, and more would be more than is known to be safe."""
SAID_THERE = "client said there"
SAID_GOOD = "client said good"
SAID_ENOUGH = "client said enough"
SAID_TOO_MUCH = "client said too much"
SAID_TOO_LITTLE = "client said too little"
SAID_EASING = "client said easing"
SAID_STOP = "client said stop"
SETTLED = "settled"
"""The hand stopped raising the pressure."""
TIME_UP = "time is up"
RATING_FELL = "rating fell"
EASED = "eased"
RESTED = "rested"
LET_GO = "let go"
CEILING = "ceiling"
SIGNAL_LOST = "signal lost"
MOVED_ON = "moved on"
"""The therapist went on: by key, by pressing again, to another point or to another technique."""
SESSION_END = "session end"

RULES = (
    REACHED, SAFE_LIMIT, SAID_THERE, SAID_GOOD, SAID_ENOUGH, SAID_TOO_MUCH, SAID_TOO_LITTLE, SAID_EASING, SAID_STOP,
    SETTLED, TIME_UP, RATING_FELL, EASED, RESTED, LET_GO, CEILING, SIGNAL_LOST, MOVED_ON, SESSION_END,
)  # fmt: skip

AFTER_PRESS = {
    "release": LET_GO,
    "signal lost": SIGNAL_LOST,
    "stop": SAID_STOP,
    "point changed": MOVED_ON,
    "session end": SESSION_END,
}
"""The rule that a press ended for (`Press.ended`)."""
