"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples every time, so that a run says something about the change and not about its luck.
# GOODPAIN_EXPLORE=1 looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("GOODPAIN_EXPLORE") else "steady")

# No process that plays is started for a screen that nobody hears; the tests of sound start their own.
os.environ.setdefault("GOODPAIN_SOUND_BACKEND", "bell")
