"""Random reports for the band's tests."""

from __future__ import annotations

from hypothesis import strategies as st

from feedback.band import GoodPainBand

pressures = st.floats(20.0, 1500.0)
ramps = st.floats(0.0, 60.0)
reports = st.one_of(
    st.tuples(st.just("mark"), st.sampled_from(["there", "enough"]), pressures, ramps),
    st.tuples(st.just("verdict"), st.sampled_from(["too_little", "good", "too_much"]), pressures),
    st.tuples(st.just("rating"), st.integers(0, 10), pressures),
)
histories = st.lists(reports, max_size=8)


def tell(model: GoodPainBand, report: tuple) -> GoodPainBand:
    """Give one random report to the model."""
    kind, *rest = report
    return getattr(model, kind)(*rest)


def told(history: list[tuple], model: GoodPainBand | None = None) -> GoodPainBand:
    """A model that has heard this history."""
    model = model or GoodPainBand.start(ceiling_kpa=2000.0)
    for report in history:
        model = tell(model, report)
    return model
