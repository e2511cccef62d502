import pytest

from sim.address import OPTION_NAMES, Address
from sim.scenarios import SCENARIO_NAMES, scenario


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_every_scenario_has_an_address(name):
    address = Address.parse(f"sim://{name}?seed=7&speed=2&drop=0.5")

    assert address.scenario().name == name
    assert (address.options.seed, address.options.speed, address.faults.drop) == (7, 2.0, 0.5)
    assert Address.parse(name).scenario() == scenario(name)


def test_an_unknown_option_names_those_there_are():
    with pytest.raises(ValueError, match="“sped” is not an option") as error:
        Address.parse("sim://bench?sped=3")
    assert all(name in str(error.value) for name in OPTION_NAMES)


def test_an_unknown_scenario_names_those_there_are():
    with pytest.raises(ValueError, match="there is no scenario “elbow”") as error:
        Address.parse("sim://elbow")
    assert all(name in str(error.value) for name in SCENARIO_NAMES)


@pytest.mark.parametrize(
    "query",
    [
        "seed=x",
        "seed=-1",
        "speed=0",
        "speed=inf",
        "speed=nan",
        "rate=50",
        "dialect=morse",
        "batch=51",
        "batch=-1",
        "batch=4&rate=10",
        "noise=-1",
        "client=cross",
        "hand=left",
        "drop=1",
        "flip=-0.1",
        "replug_at=3",
        "unplug_at=5&replug_at=4",
        "stall=maybe",
        "skew=1e9",
        "wrap_at=-1",
        "latency=-16",
        "garbage=1.5",
        "tip=0",
        "seed=",
    ],
)
def test_values_that_cannot_be_are_refused_in_one_sentence(query):
    with pytest.raises(ValueError) as error:
        Address.parse(f"sim://bench?{query}").sensor()
    assert "\n" not in str(error.value)
    assert query.split("=")[0].split("&")[0] in str(error.value) or "speaks" in str(error.value)


def test_a_larger_tip_is_pressed_with_more_force_and_less_pressure():
    small, large = (Address.parse(f"sim://infraspinatus?tip={area}").scenario() for area in (1, 4))

    assert large.traits.t_lo_kpa == pytest.approx(small.traits.t_lo_kpa * 4**-0.49)
    force_small, force_large = (next(s.plan()).stages[0].target_n for s in (small, large))
    assert force_large == pytest.approx(force_small * 4 * 4**-0.49)


def test_another_scheme_is_refused():
    with pytest.raises(ValueError, match="sim://"):
        Address.parse("http://bench")


def test_the_device_says_the_calibration_that_the_scenario_has():
    address = Address.parse("sim://gluteus-medius?seed=3")
    meta = address.sensor().meta()

    assert float(meta["counts_per_n"]) == address.scenario().counts_per_n
    assert float(meta["zero_counts"]) == address.scenario().zero_counts
