"""Random bytes into every decoder (`fuzz_dialects`): what is accepted that should not be. No clock in it."""

from __future__ import annotations

from pathlib import Path

from firmware_bridge.dialects import dialects
from tests.bench.figures import Figure, Section
from tests.bench.fuzz_dialects import run

BYTES = 1_000_000


def measure(_: Path, *, quick: bool) -> Section:
    """Every dialect."""
    size = 100_000 if quick else BYTES
    names, fed, failures = list(dialects()), 0, []
    for name in names:
        try:
            count, samples, _s = run(name, size)
        except Exception as error:
            failures.append(f"{name}: {type(error).__name__} {error}")
            continue
        fed += count
        print(f"{name:<16}{count:>12,} bytes{samples:>10,} samples")
    print("\n".join(failures))
    return Section(
        "Random bytes into every decoder",
        f"{size:,} bytes to each of {len(names)} dialects, half noise, half pieces of what devices send, cut, "
        "joined and flipped. Ten million bytes each: `python -m tests.bench.fuzz_dialects`.",
        (
            Figure(
                "decoders that failed",
                "a decoder fails when it raises, when its memory grows without bound, when its columns do not fit each "
                "other, or when it accepts a native frame or line whose checksum is wrong",
                len(failures),
                f"of {len(names)}",
                "0",
                not failures,
                f"{fed:,} bytes" + "".join(f"; {failure}" for failure in failures),
            ),
        ),
    )
