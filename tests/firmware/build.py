"""Compiles the sketch with the Arduino core, and the harness that runs it on a simulated ATmega328P.

`python -m tests.firmware.build` prints what the sketch uses of flash and RAM.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

SKETCH = Path(__file__).parents[2] / "firmware_bridge" / "firmware" / "goodpain_sensor"
HARNESS = Path(__file__).with_name("harness.c")
ARDUINO = Path("/usr/share/arduino/hardware/arduino/avr")
PACKAGES = "gcc-avr avr-libc arduino-core-avr libsimavr-dev libelf-dev pkg-config gcc"

FLASH_BYTES = 30720
"""What an old Nano's boot loader leaves of the 32768 (an Uno's leaves 32256)."""
RAM_BYTES = 2048

# The flags of the Arduino IDE (platform.txt) without link-time optimisation, which only makes the image smaller.
COMMON = [
    "-Os",
    "-mmcu=atmega328p",
    "-DF_CPU=16000000L",
    "-DARDUINO=10807",
    "-DARDUINO_AVR_UNO",
    "-DARDUINO_ARCH_AVR",
    "-ffunction-sections",
    "-fdata-sections",
]
CXX = ["-std=gnu++11", "-fpermissive", "-fno-exceptions", "-fno-threadsafe-statics"]
# The core's WString.cpp wants a constant that Debian's avr-libc leaves to the compiler.
CORE_ONLY = ["-w", "-DDECIMAL_DIG=17"]
OURS_ONLY = ["-Wall", "-Wextra"]


@dataclass(frozen=True, slots=True)
class Firmware:
    """A compiled sketch.

    Attributes:
        elf: the image.
        flash_bytes: code and constants.
        ram_bytes: variables; the stack comes on top.
    """

    elf: Path
    flash_bytes: int
    ram_bytes: int


def missing() -> str:
    """One line that says what to install; empty when everything is there."""
    wanted = {
        "avr-g++": shutil.which("avr-g++"),
        "the Arduino core": (ARDUINO / "cores" / "arduino" / "main.cpp").exists(),
        "avr-libc": Path("/usr/lib/avr/include/avr/io.h").exists(),
        "gcc": shutil.which("gcc"),
        "pkg-config": shutil.which("pkg-config"),
        "libelf": Path("/usr/include/libelf.h").exists(),
        "libsimavr": Path("/usr/include/simavr/sim_avr.h").exists(),
    }
    absent = [name for name, there in wanted.items() if not there]
    return f"no {', '.join(absent)}: apt-get install {PACKAGES}" if absent else ""


def firmware(*defines: str) -> Firmware:
    """The sketch, compiled as the Arduino IDE does it; compiled once, then taken from the cache."""
    folder = _cache("sketch", sorted(SKETCH.iterdir()), repr((COMMON, CXX, CORE_ONLY, OURS_ONLY, defines)))
    elf = folder / "goodpain_sensor.elf"
    with FileLock(folder / "lock"):
        if not elf.exists():
            core = _core()
            _compile_sketch(folder, [f"-D{define}" for define in defines], core, elf)
    flash, ram = _size(elf)
    return Firmware(elf, flash, ram)


def harness() -> Path:
    """The simulator with a sensor around it, as a program."""
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "simavr"], check=True, capture_output=True, text=True
    ).stdout.split()
    folder = _cache("harness", [HARNESS], repr(flags))
    program = folder / "harness"
    with FileLock(folder / "lock"):
        if not program.exists():
            _run(
                ["gcc", "-O2", "-Wall", "-Wextra", "-o", f"{program}.new", HARNESS],
                [*flags, "-lelf", "-lutil", "-lm"],
            )
            Path(f"{program}.new").replace(program)
    return program


def _core() -> Path:
    """The Arduino core as a library, without which no sketch has a main()."""
    sources = sorted(p for p in (ARDUINO / "cores" / "arduino").iterdir() if p.suffix in (".c", ".cpp", ".S"))
    folder = _cache("core", sources, repr((COMMON, CXX, CORE_ONLY)))
    library = folder / "core.a"
    with FileLock(folder / "lock"):
        if not library.exists():
            objects = _compile_all(sources, folder, CORE_ONLY)
            _run(["avr-ar", "rcs", f"{library}.new"], objects)
            Path(f"{library}.new").replace(library)
    return library


def _compile_sketch(folder: Path, defines: list[str], core: Path, elf: Path) -> None:
    # The IDE puts this line before the sketch's main file.
    main = folder / "goodpain_sensor.ino.cpp"
    source = SKETCH / "goodpain_sensor.ino"
    main.write_text(f'#include <Arduino.h>\n#line 1 "{source}"\n{source.read_text()}')
    sources = [main, *sorted(SKETCH.glob("*.cpp"))]
    objects = _compile_all(sources, folder, [*OURS_ONLY, f"-I{SKETCH}", *defines])
    _run(
        ["avr-gcc", "-Os", "-mmcu=atmega328p", "-Wl,--gc-sections", "-o", f"{elf}.new"],
        [*objects, core, "-lm"],
    )
    Path(f"{elf}.new").replace(elf)


def _compile_all(sources: list[Path], folder: Path, flags: list[str]) -> list[Path]:
    includes = [f"-I{ARDUINO / 'cores' / 'arduino'}", f"-I{ARDUINO / 'variants' / 'standard'}"]

    def compile_one(source: Path) -> Path:
        target = folder / f"{source.name}.o"
        cxx = source.suffix == ".cpp"
        language = CXX if cxx else ["-x", "assembler-with-cpp"] if source.suffix == ".S" else ["-std=gnu11"]
        compiler = "avr-g++" if cxx else "avr-gcc"
        _run([compiler, "-c", *COMMON, *language, *includes, *flags], [source, "-o", target])
        return target

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(compile_one, sources))


def _size(elf: Path) -> tuple[int, int]:
    """Bytes of flash and of RAM."""
    table = subprocess.run(["avr-size", "-A", elf], check=True, capture_output=True, text=True).stdout
    sizes = {name: int(size) for name, size in re.findall(r"^(\.\w+)\s+(\d+)", table, re.MULTILINE)}
    data = sizes.get(".data", 0)
    return sizes[".text"] + data, data + sizes.get(".bss", 0) + sizes.get(".noinit", 0)


def _cache(kind: str, sources: list[Path], flags: str) -> Path:
    """A folder of our own for what is made of these sources with these flags."""
    digest = hashlib.sha256(flags.encode())
    for source in sources:
        digest.update(source.name.encode() + source.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"goodpain-firmware-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else: remove it")
    made = folder / f"{kind}-{digest.hexdigest()[:16]}"
    made.mkdir(exist_ok=True)
    return made


def _run(command: list[str | Path], more: list[str | Path]) -> None:
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr}")


def usage(built: Firmware) -> str:
    """Flash and RAM in one line, for people."""
    return (
        f"flash {built.flash_bytes} of {FLASH_BYTES} bytes ({100 * built.flash_bytes / FLASH_BYTES:.0f} %), "
        f"RAM {built.ram_bytes} of {RAM_BYTES} bytes ({100 * built.ram_bytes / RAM_BYTES:.0f} %)"
    )


if __name__ == "__main__":
    print(missing() or usage(firmware()))
