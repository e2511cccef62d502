"""All clients together: bands by muscle, what became of plans, how steadily therapists hold; from Parquet files.

The queries are plain SQL over the tables of the Parquet export (`docs/export.md` says what is in them), run by DuckDB,
which is imported when they are: whoever has the files has all that is needed. From the record itself the same tables
are taken through memory, so that nothing of it, encrypted or not, is written anywhere.
Void presses count nowhere; different applicators and contact areas are never put together.
"""

from __future__ import annotations

import importlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback.history.errors import ExportError, HistoryError
from feedback.history.export_parquet import arrow_tables
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.history.store import History
    from feedback.history.work import Work

TABLES = ("clients", "sessions", "presses", "bands", "plans", "pain", "thresholds")
"""What the summary reads."""


@dataclass(frozen=True, slots=True)
class BandsOfMuscle:
    """Bands in force at the points of one muscle.

    Attributes:
        muscle, applicator, tip_area_cm2: of all of them.
        clients, points: how many.
        lower_kpa, upper_kpa: median edges.
        lower_quartiles_kpa, upper_quartiles_kpa: (first, third) quartile of the edges.
    """

    muscle: str
    applicator: str
    tip_area_cm2: float
    clients: int
    points: int
    lower_kpa: float
    lower_quartiles_kpa: tuple[float, float]
    upper_kpa: float
    upper_quartiles_kpa: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PlansAlike:
    """Clients who agreed on the same number of visits within the same weeks.

    Attributes:
        visits, weeks_min, weeks_max: the plan.
        clients: how many.
        visits_given: median number of visits with pressure since the plan began.
        finished: clients who have had them all.
        pain_judged: clients with pain asked at two visits or more since.
        pain_change: median change of the highest pain now, points of 10; None without any.
        pain_less: of those judged, whose pain fell by `rating_points` or more.
        thresholds_judged: points with a threshold measured at two visits, with the same tip.
        threshold_change_kpa: median change; None without any.
        thresholds_higher: of those judged, that rose by `threshold_kpa` or more.
    """

    visits: int
    weeks_min: int
    weeks_max: int
    clients: int
    visits_given: float
    finished: int
    pain_judged: int
    pain_change: float | None
    pain_less: int
    thresholds_judged: int
    threshold_change_kpa: float | None
    thresholds_higher: int


@dataclass(frozen=True, slots=True)
class TherapistHolds:
    """How one therapist holds.

    Attributes:
        therapist: a code; empty where none was given.
        clients, sessions, holds: how many; holds are those long enough for their sag to be known.
        sag_pct: median pressure lost during a hold, % of its start.
        sag_quartiles_pct: (first, third) quartile.
        in_band_share: of all time pressed, the share within the band in force; None where there was no band.
    """

    therapist: str
    clients: int
    sessions: int
    holds: int
    sag_pct: float
    sag_quartiles_pct: tuple[float, float]
    in_band_share: float | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """The summary over all clients.

    Attributes:
        simulated: it is of simulated sessions, and proves nothing about people.
        least: groups of fewer clients were left out, because figures of few can be traced to persons.
        clients, sessions, presses: what it rests on.
        muscles, plans, therapists: largest group first.
        left_out: groups that were too small.
        others: sessions of the other kind, which are in no figure: the simulated ones, or else all others.
        rating_points, threshold_kpa: changes that count (see `feedback.care.ResponseRule`).
    """

    simulated: bool
    least: int
    clients: int
    sessions: int
    presses: int
    muscles: tuple[BandsOfMuscle, ...]
    plans: tuple[PlansAlike, ...]
    therapists: tuple[TherapistHolds, ...]
    left_out: int
    others: int
    rating_points: float
    threshold_kpa: float

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the clients.

    Attributes:
        least: the fewest clients of a group that is shown, >= 1.
        simulated: of the simulated sessions instead of the others; the two are never mixed.
        rating_points: fall of pain that counts, points of 10.
        threshold_kpa: rise of a pressure threshold that counts.
    """

    least: int = 5
    simulated: bool = False
    rating_points: float = 2.0
    threshold_kpa: float = 160.0


def cohort_of(folder: str | Path, asked: Asked | None = None) -> Cohort:
    """Summarise a folder of Parquet files as `export_parquet` writes them, with at least `TABLES`.

    Raises:
        ExportError: DuckDB is missing.
        HistoryError: a file is missing or is no such table.
    """
    duckdb = _duckdb()
    with _database(duckdb) as connection:
        for name in TABLES:
            path = Path(folder).expanduser() / f"{name}.parquet"
            if not path.is_file():
                raise HistoryError(
                    f"there is no {path}: write the files with goodpain export --parquet {folder}"
                )
            try:
                connection.read_parquet(str(path)).create(name)
            except duckdb.Error as error:
                raise HistoryError(f"{path} cannot be read as a table: {_first_line(error)}") from None
        try:
            return _summary(connection, asked or Asked())
        except duckdb.Error as error:
            raise HistoryError(
                f"the files in {folder} are not those of a Goodpain export ({_first_line(error)}): write them again"
            ) from None


def cohort_of_record(history: History, asked: Asked | None = None, work: Work = SILENT) -> Cohort:
    """Summarise a record, by the same queries; nothing of it is written anywhere.

    Raises:
        ExportError: DuckDB or pyarrow is missing.
        CancelledError: it was given up.
    """
    with _database(_duckdb()) as connection:
        for name, table in arrow_tables(history, TABLES, work).items():
            connection.register(name, table)
        return _summary(connection, asked or Asked())


def _duckdb() -> Any:
    try:
        return importlib.import_module("duckdb")
    except ImportError:
        raise ExportError(
            "the summary over all clients needs the library duckdb: install it with pip install 'goodpain[cohort]'"
        ) from None


def _database(duckdb: Any) -> Any:
    return duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})


def _summary(connection: Any, asked: Asked) -> Cohort:
    least, simulated = asked.least, asked.simulated
    # From here on nothing is read but the tables.
    connection.execute("SET enable_external_access = false")

    def rows(query: str, **values: object) -> Sequence[Any]:
        return connection.execute(query, values).fetchall()

    connection.execute(_OF_THIS_KIND, {"simulated": simulated})
    muscles = [_bands(row) for row in rows(_BANDS)]
    plans = [
        PlansAlike(*row)
        for row in rows(_PLANS, rating_points=asked.rating_points, threshold_kpa=asked.threshold_kpa)
    ]
    therapists = [_holds(row) for row in rows(_HOLDS)]
    counts = rows(_COUNTS)[0]
    others = rows("SELECT count(*) FROM sessions WHERE simulated <> $simulated", simulated=simulated)[0][0]
    return Cohort(
        simulated=simulated,
        least=least,
        clients=counts[0],
        sessions=counts[1],
        presses=counts[2],
        muscles=tuple(one for one in muscles if one.clients >= least),
        plans=tuple(one for one in plans if one.clients >= least),
        therapists=tuple(one for one in therapists if one.clients >= least),
        left_out=sum(one.clients < least for one in (*muscles, *plans, *therapists)),
        others=others,
        rating_points=asked.rating_points,
        threshold_kpa=asked.threshold_kpa,
    )


def _bands(row: Any) -> BandsOfMuscle:
    muscle, applicator, tip_area_cm2, clients, points, *edges = row
    lower_kpa, lower_1, lower_3, upper_kpa, upper_1, upper_3 = edges
    return BandsOfMuscle(
        muscle=muscle,
        applicator=applicator,
        tip_area_cm2=tip_area_cm2,
        clients=clients,
        points=points,
        lower_kpa=lower_kpa,
        lower_quartiles_kpa=(lower_1, lower_3),
        upper_kpa=upper_kpa,
        upper_quartiles_kpa=(upper_1, upper_3),
    )


def _holds(row: Any) -> TherapistHolds:
    therapist, clients, sessions, holds, sag_pct, first, third, in_band_share = row
    return TherapistHolds(therapist, clients, sessions, holds, sag_pct, (first, third), in_band_share)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


_OF_THIS_KIND = """
CREATE TABLE visit AS SELECT * FROM sessions WHERE simulated = $simulated
"""
_COUNTS = """
SELECT count(DISTINCT visit.client), count(DISTINCT visit.session_id), count(presses.press_id)
FROM visit LEFT JOIN presses ON presses.session_id = visit.session_id AND NOT presses.void
"""
_BANDS = """
WITH newest AS (
    SELECT bands.*, row_number() OVER (
        PARTITION BY bands.point_id, bands.applicator, bands.tip_area_cm2 ORDER BY bands.at_utc DESC, bands.band_id
    ) AS place
    FROM bands JOIN visit ON visit.session_id = bands.session_id
    WHERE bands.point_id IS NOT NULL
)
SELECT muscle, applicator, tip_area_cm2, count(DISTINCT client) AS clients, count(*) AS points,
    median(lower_kpa), quantile_cont(lower_kpa, 0.25), quantile_cont(lower_kpa, 0.75),
    median(upper_kpa), quantile_cont(upper_kpa, 0.25), quantile_cont(upper_kpa, 0.75)
FROM newest
WHERE place = 1 AND lower_kpa IS NOT NULL AND upper_kpa IS NOT NULL
GROUP BY muscle, applicator, tip_area_cm2
ORDER BY clients DESC, muscle, applicator, tip_area_cm2
"""
_PLANS = """
WITH plan AS (
    SELECT client, arg_max(visits, at_utc) AS visits, arg_max(weeks_min, at_utc) AS weeks_min,
        arg_max(weeks_max, at_utc) AS weeks_max, arg_max(coalesce(begun_utc, at_utc), at_utc) AS since
    FROM plans WHERE client IN (SELECT client FROM visit) GROUP BY client
), given AS (
    SELECT plan.client, count(DISTINCT CAST(visit.started_at_utc AS DATE)) AS visits
    FROM plan JOIN visit ON visit.client = plan.client AND visit.started_at_utc >= plan.since
    WHERE EXISTS (SELECT 1 FROM presses WHERE presses.session_id = visit.session_id AND NOT presses.void)
    GROUP BY plan.client
), asked AS (
    SELECT pain.client, pain.at_utc, max(pain.now_0_10) AS highest
    FROM pain JOIN plan ON plan.client = pain.client AND pain.at_utc >= plan.since
    WHERE pain.now_0_10 IS NOT NULL GROUP BY pain.client, pain.at_utc
), felt AS (
    SELECT client, arg_max(highest, at_utc) - arg_min(highest, at_utc) AS change
    FROM asked GROUP BY client HAVING count(*) >= 2
), measured AS (
    SELECT thresholds.client, thresholds.point_id,
        arg_max(mean_kpa, thresholds.at_utc) - arg_min(mean_kpa, thresholds.at_utc) AS change
    FROM thresholds JOIN plan ON plan.client = thresholds.client AND thresholds.at_utc >= plan.since
    JOIN visit ON visit.session_id = thresholds.session_id
    WHERE mean_kpa IS NOT NULL AND NOT superseded AND NOT at_least
    GROUP BY thresholds.client, thresholds.point_id, thresholds.applicator, thresholds.tip_area_cm2
    HAVING count(DISTINCT thresholds.session_id) >= 2
), by_client AS (
    SELECT plan.*, coalesce(given.visits, 0) AS given, felt.change
    FROM plan LEFT JOIN given ON given.client = plan.client LEFT JOIN felt ON felt.client = plan.client
), clients_alike AS (
    SELECT visits, weeks_min, weeks_max, count(*) AS clients, median(given) AS given,
        count(*) FILTER (WHERE given >= visits) AS finished, count(change) AS judged, median(change) AS change,
        count(*) FILTER (WHERE change <= -$rating_points) AS less
    FROM by_client GROUP BY visits, weeks_min, weeks_max
), points_alike AS (
    SELECT plan.visits, plan.weeks_min, plan.weeks_max, count(*) AS judged, median(measured.change) AS change,
        count(*) FILTER (WHERE measured.change >= $threshold_kpa) AS higher
    FROM measured JOIN plan ON plan.client = measured.client GROUP BY plan.visits, plan.weeks_min, plan.weeks_max
)
SELECT c.visits, c.weeks_min, c.weeks_max, c.clients, c.given, c.finished, c.judged, c.change, c.less,
    coalesce(p.judged, 0), p.change, coalesce(p.higher, 0)
FROM clients_alike c LEFT JOIN points_alike p
    ON p.visits = c.visits AND p.weeks_min = c.weeks_min AND p.weeks_max = c.weeks_max
ORDER BY c.clients DESC, c.visits, c.weeks_min, c.weeks_max
"""
_HOLDS = """
SELECT coalesce(visit.therapist, '') AS therapist, count(DISTINCT visit.client) AS clients,
    count(DISTINCT visit.session_id), count(presses.sag_pct), median(presses.sag_pct),
    quantile_cont(presses.sag_pct, 0.25), quantile_cont(presses.sag_pct, 0.75),
    sum(presses.time_in_band_s) / sum(presses.duration_s) FILTER (WHERE presses.time_in_band_s IS NOT NULL)
FROM visit JOIN presses ON presses.session_id = visit.session_id AND NOT presses.void
GROUP BY coalesce(visit.therapist, '') HAVING count(presses.sag_pct) > 0
ORDER BY count(presses.sag_pct) DESC, therapist
"""
