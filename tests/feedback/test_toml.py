"""TOML that people write is read, or refused in a sentence; whole numbers are never larger than a float."""

import math
import os
import threading
from pathlib import Path

import pytest

from feedback.small_file import LONGEST, read_small
from feedback.toml import PARTS_MAX, TomlError, parse_toml


def test_the_largest_whole_numbers_of_toml_are_read():
    assert parse_toml("a = 9223372036854775807\nb = [-9223372036854775808]") == {
        "a": 2**63 - 1,
        "b": [-(2**63)],
    }


@pytest.mark.parametrize(
    "text",
    [
        "a =",
        f"a = {'9' * 5000}",
        f"a = {'[' * 3000}{']' * 3000}",
        f"a = {'{b = ' * 3000}1{'}' * 3000}",
    ],
)
def test_what_is_beyond_toml_is_refused(text):
    with pytest.raises(TomlError):
        parse_toml(text)


def test_whole_numbers_beyond_64_bits_are_floats():
    values = parse_toml(f"a = 9223372036854775808\nb = [{{c = -{'9' * 400}}}]\nd = 0x{'f' * 400}")
    assert values == {"a": 2.0**63, "b": [{"c": -math.inf}], "d": math.inf}
    assert isinstance(values["a"], float)


LONG_KEY = ".".join(["a"] * 3000)
SHORT_KEY = ".".join("abcdefgh")


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG_KEY} = 1",
        f"[{LONG_KEY}]",
        f"[[{LONG_KEY}]]",
        f"b = {{ {LONG_KEY} = 1 }}",
        "b = [\n{ " + " . ".join(['"a"', "'b'", "c"] * 1000) + " = 1 }]",
        ".".join(['"\u2028"'] * 3000) + " = 1",
        # Texts that end with quotes of their own, after which a reader that is out of step sees a text, not a key.
        f'b = {{ c = """d"""", {LONG_KEY} = 1, e = "f" }}',
        f"b = {{ c = '''d''''', {LONG_KEY} = 1, e = 'f' }}",
    ],
)
def test_a_key_of_thousands_of_parts_is_refused_before_it_is_read(text):
    with pytest.raises(TomlError, match=f"a key of more than {PARTS_MAX} parts .at line [12], "):
        parse_toml(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{SHORT_KEY} = 1",
        f'a = "{LONG_KEY}"',
        f"a = '{LONG_KEY}'",
        f'a = """\n{LONG_KEY}\n"""',
        f"a = '''\n\"\"\"\n{LONG_KEY}'''",
        f"a = 1 # {LONG_KEY}",
        f"a = [{'1.5, ' * 300}]",
        f'"{LONG_KEY}" = 1',
    ],
)
def test_full_stops_that_part_no_keys_are_nobodys_business(text):
    assert parse_toml(text)


@pytest.mark.parametrize(
    "text",
    [
        f"# {LONG_KEY}\n" + '\\"""\n' * 200_000,
        f"# {LONG_KEY}\n" + 'a = "\\' + '"\\' * 400_000,
        "a = 1\n" * 200_000,
    ],
    ids=["texts", "quotes", "long"],
)
def test_a_text_that_wants_to_take_long_is_refused_soon(text):
    # The limit on time of the whole suite ends what looks at such a text again and again.
    with pytest.raises(TomlError):
        parse_toml(text)


def test_a_file_is_read_as_text_and_no_longer_than_such_files_are(tmp_path: Path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    assert read_small(path) == "a = 1\nb = 2\n"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(OSError, match=f"longer than {LONGEST >> 20} MB"):
        read_small(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path):
    pipe, link = tmp_path / "a.toml", tmp_path / "b.toml"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.append(read_small(pipe)), daemon=True)
    reader.start()
    reader.join(10)
    assert said == [""]
    with pytest.raises(OSError, match="longer than"):
        read_small(link)
