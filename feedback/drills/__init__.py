"""Drills: a trainee learns to press what is asked, first with the screen and then without."""
