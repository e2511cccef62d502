"""Every fault, one table: `make torture`, or `python -m tests.torture [WORD …]` for those whose name has the word.

With `--page` a run of all writes docs/torture.md.
"""

from __future__ import annotations

import os
import sys

if os.name != "posix":
    sys.exit("No fault was tried: all of them need pseudo-terminals, which this system does not have.")

from tests.torture.running import main

sys.exit(main(sys.argv[1:]))
