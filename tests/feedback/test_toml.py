"""TOML that people write is read, or refused in a sentence; whole numbers are never larger than a float."""

import math

import pytest

from feedback.toml import TomlError, parse_toml


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
