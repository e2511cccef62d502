"""`python -m tui` is `goodpain`."""

from tui.cli import main

main()
