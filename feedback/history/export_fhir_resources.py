"""The resources of FHIR R4 that a record becomes, as plain dictionaries.

Codes are used where one was found and checked: LOINC 72514-3 (pain severity, 0-10 verbal numeric rating), UCUM units,
SNOMED CT 7771000 and 24028007 (left and right, from the value set of R4's BodyStructure.locationQualifier) and those of
HL7 itself. No LOINC code for a pressure pain threshold, nor for a pressure applied to a trigger point, was found: these
carry words (`code.text`) alone, always the same.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from feedback.history.export_tree import is_simulated
from feedback.history.rows import flag_words
from feedback.signal import Quality

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from feedback.history.export_tree import ClientOut
    from feedback.history.records import SessionSummary, StoredPress, StoredReport, StoredThreshold
    from feedback.points import Point

Resource = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem"
_LOINC = "http://loinc.org"
_SNOMED = "http://snomed.info/sct"
_SIDES = {"left": ("7771000", "Left"), "right": ("24028007", "Right")}
_BODY_SITE = "http://hl7.org/fhir/StructureDefinition/bodySite"

PRESS = "Pressure applied to a trigger point"
TRACE = "Pressure over time during a press"
REPORT = "What the client said of a pressure"
THRESHOLD = "Pressure threshold of a trigger point"


def clean(text: str, otherwise: str = "unknown") -> str:
    """Text as FHIR takes it: without control characters, and never blank."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or otherwise


def words(text: str) -> Resource:
    """A concept without a code."""
    return {"text": clean(text)}


def quantity(value: float, unit: str, *, at_least: bool = False, decimals: int = 3) -> Resource:
    """A measured value; `at_least` where the true one may be larger."""
    found: Resource = {"value": round(value, decimals)}
    if at_least:
        found["comparator"] = ">="
    return {**found, "unit": "/10" if unit == "{score}" else unit, "system": UCUM, "code": unit}


def moment(session: SessionSummary, time_s: float) -> str:
    """The time of day, in UTC, of a time in the session."""
    return utc(session.started_at + timedelta(microseconds=round(time_s * 1e6)))


def utc(at: datetime) -> str:
    """As FHIR writes a time of day, to the microsecond."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def reference(kind: str, resource_id: UUID | str) -> Resource:
    """To another resource of the same export."""
    return {"reference": f"{kind}/{resource_id}"}


def marked(resource: Resource, *, simulated: bool) -> Resource:
    """With the security label of test data, when it is simulated."""
    if simulated:
        label = {"system": f"{_HL7}/v3-ActReason", "code": "HTEST", "display": "test health data"}
        resource["meta"] = {"security": [label]}
    return resource


def patient(client: ClientOut, *, simulated: bool) -> Resource:
    """A client: the code, and nothing else that is known of a person."""
    found = {
        "resourceType": "Patient",
        "id": str(client.id),
        "identifier": [{"use": "usual", "type": words("client code"), "value": clean(client.code)}],
    }
    return marked(found, simulated=simulated)


def device_id(session: SessionSummary) -> str:
    """The same for all sessions with the same sensor."""
    told = (session.sensor_serial, session.sensor_device, session.dialect, str(is_simulated(session)))
    return str(uuid5(NAMESPACE_URL, "goodpain:sensor:" + "\x1f".join(told)))


def device(session: SessionSummary) -> Resource:
    """The sensor of a session."""
    simulated = is_simulated(session)
    kind = "simulated force sensor" if simulated else "force sensor"
    found: Resource = {
        "resourceType": "Device",
        "id": device_id(session),
        "deviceName": [{"name": clean(session.sensor_device, kind), "type": "user-friendly-name"}],
        "type": words(kind),
    }
    if serial := clean(session.sensor_serial, ""):
        found["serialNumber"] = serial
    return marked(found, simulated=simulated)


def body_structure(point_id: UUID, point: Point, client: ClientOut) -> Resource:
    """A trigger point: its muscle in words, its side as a code."""
    found: Resource = {
        "resourceType": "BodyStructure",
        "id": str(point_id),
        "location": words(point.muscle),
        "description": clean(str(point)),
        "patient": reference("Patient", client.id),
    }
    if clean(point.side, ""):
        qualifier = words(point.side)
        if point.side in _SIDES:
            code, display = _SIDES[point.side]
            qualifier["coding"] = [{"system": _SNOMED, "code": code, "display": display}]
        found["locationQualifier"] = [qualifier]
    return found


def encounter(session: SessionSummary, client: ClientOut) -> Resource:
    """A session as a visit."""
    period = {"start": utc(session.started_at)}
    if session.ended_at is not None:
        period["end"] = utc(session.ended_at)
    found: Resource = {
        "resourceType": "Encounter",
        "id": str(session.id),
        "status": "in-progress" if session.ended_at is None else "finished",
        "class": {"system": f"{_HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"},
        "type": [words("Trigger point pressure session")],
        "subject": reference("Patient", client.id),
        "period": period,
    }
    if code := clean(session.therapist, ""):
        therapist = {"type": "Practitioner", "identifier": {"value": code}}
        found["participant"] = [{"individual": therapist}]
    return marked(found, simulated=is_simulated(session))


class Observations:
    """The observations of one session."""

    def __init__(self, session: SessionSummary, client: ClientOut) -> None:
        self._session = session
        self._client = client

    def _begun(
        self,
        resource_id: UUID | str,
        status: str,
        code: Resource,
        category: str,
        point_id: UUID | None,
        when: tuple[float, float] | float,
    ) -> Resource:
        session = self._session
        found: Resource = {
            "resourceType": "Observation",
            "id": str(resource_id),
            "status": status,
            "category": [{"coding": [{"system": f"{_HL7}/observation-category", "code": category}]}],
            "code": code,
            "subject": reference("Patient", self._client.id),
            "encounter": reference("Encounter", session.id),
        }
        if isinstance(when, tuple):
            found["effectivePeriod"] = {
                "start": moment(session, when[0]),
                "end": moment(session, max(when)),
            }
        else:
            found["effectiveDateTime"] = moment(session, when)
        point = None if point_id is None else session.points.get(point_id)
        if point is not None:
            found["bodySite"] = {
                "extension": [
                    {"url": _BODY_SITE, "valueReference": reference("BodyStructure", str(point_id))}
                ],
                "text": clean(str(point)),
            }
        found["method"] = words(f"pressed with {session.applicator}, {session.tip_area_cm2:g} cm2 of contact")
        found["device"] = reference("Device", device_id(session))
        return marked(found, simulated=is_simulated(session))

    def report(self, report: StoredReport) -> Resource:
        """What the client said: a rating by its LOINC code, any other word in words."""
        rated = report.rating is not None
        rating = {"system": _LOINC, "code": "72514-3"}
        code = {"coding": [rating], "text": "Pain rating, 0 to 10"} if rated else words(REPORT)
        status = "corrected" if report.corrected_from is not None else "final"
        if report.undone:
            status = "entered-in-error"
        found = self._begun(report.id, status, code, "survey", report.point_id, report.time_s)
        if report.rating is not None:
            found["valueQuantity"] = quantity(report.rating, "{score}", decimals=0)
        else:
            found["valueCodeableConcept"] = words(report.kind.words)
        first = report.corrected_from
        said: list[str] = []
        if first is not None:
            was = f"{first.rating}/10" if first.rating is not None else first.kind.words
            said.append(f"written down first as: {was}")
        if report.undone:
            said.append("taken back during the session")
        _add_notes(found, said)
        components = [
            *_component("pressure at that moment", report.pressure_kpa, "kPa"),
            *_flags(report.quality),
        ]
        return _with(found, "component", components)

    def press(self, stored: StoredPress, reports: Iterable[UUID], traces: Iterable[str]) -> Resource:
        """A press with its measures; what was said in it are its members, its trace is what it comes from."""
        press = stored.press
        found = self._begun(
            stored.id,
            "entered-in-error" if stored.void else "final",
            words(PRESS),
            "exam",
            stored.point_id,
            (press.start_s, press.end_s),
        )
        saturated = bool(press.quality & Quality.SATURATED)
        hold_s = (
            None
            if press.hold_start_s is None or press.hold_end_s is None
            else press.hold_end_s - press.hold_start_s
        )
        _add_notes(found, [f"void: {stored.void_reason}"] if stored.void and stored.void_reason else [])
        components = [
            *_component("peak pressure", press.peak_kpa, "kPa", at_least=saturated),
            *_component("peak force", press.peak_n, "N", at_least=saturated),
            *_component("mean pressure of the hold", press.hold_mean_kpa, "kPa", at_least=saturated),
            *_component("duration of the hold", hold_s, "s"),
            *_component("ramp rate", press.ramp_kpa_per_s, "kPa/s"),
            *_component("time within the band", press.time_in_band_s, "s"),
            *_component("dose", press.dose_ns, "N.s", at_least=saturated),
            *_component("fall of the pressure during the hold", press.sag_pct, "%"),
            *_component("lower edge of the band", stored.lower_kpa, "kPa"),
            *_component("upper edge of the band", stored.upper_kpa, "kPa"),
            *_component("ceiling", stored.ceiling_kpa, "kPa"),
            *_component("contact area", self._session.tip_area_cm2, "cm2"),
            *_component("samples known to be lost", float(press.lost), "1"),
            {"code": words("how it ended"), "valueString": clean(press.ended)},
            *_flags(press.quality),
        ]
        _with(found, "hasMember", [reference("Observation", report) for report in reports])
        _with(found, "derivedFrom", [reference("Observation", trace) for trace in traces])
        return _with(found, "component", components)

    def threshold(self, stored: StoredThreshold) -> Resource:
        """A pressure threshold: the mean, and every repeat as a component. Preliminary where a later result counts."""
        result = stored.threshold
        status = "preliminary" if stored.superseded else "final"
        found = self._begun(
            stored.id, status, words(THRESHOLD), "exam", stored.point_id, (result.start_s, result.end_s)
        )
        if math.isfinite(result.mean_kpa):
            found["valueQuantity"] = quantity(result.mean_kpa, "kPa", at_least=result.at_least)
        else:
            unknown = {"system": f"{_HL7}/data-absent-reason", "code": "unknown"}
            found["dataAbsentReason"] = {"coding": [unknown]}
        components: list[Resource] = []
        repeats = zip(result.values_kpa, result.rates_kpa_per_s, result.used, strict=True)
        for number, (kpa, rate, used) in enumerate(repeats, 1):
            left_out = "" if used else ", not in the mean"
            components += _component(f"repeat {number}{left_out}", kpa, "kPa")
            components += _component(f"rate of repeat {number}", rate, "kPa/s")
        components += _component("spread of the repeats (CV)", result.cv_pct, "%")
        components.append({"code": words("technique"), "valueString": clean(result.technique)})
        return _with(found, "component", components)

    def trace(
        self,
        resource_id: str,
        stored: StoredPress,
        sampled: Resource,
        part: str,
        when: tuple[float, float],
    ) -> Resource:
        """The samples of a press, or of a part of it."""
        status = "entered-in-error" if stored.void else "final"
        found = self._begun(resource_id, status, words(TRACE), "exam", stored.point_id, when)
        found["valueSampledData"] = sampled
        _add_notes(found, [part] if part else [])
        return found


def _component(name: str, value: float | None, unit: str, *, at_least: bool = False) -> list[Resource]:
    """A value by its name; none where it is not known."""
    if value is None or not math.isfinite(value):
        return []
    return [{"code": words(name), "valueQuantity": quantity(value, unit, at_least=at_least)}]


def _flags(quality: int) -> list[Resource]:
    said = flag_words(quality)
    return [{"code": words("what is known against the signal"), "valueString": said}] if said else []


def _add_notes(resource: Resource, texts: list[str]) -> None:
    _with(resource, "note", [{"text": clean(text)} for text in texts])


def _with(resource: Resource, name: str, values: list[Any]) -> Resource:
    """With a list, which FHIR never has empty."""
    if values:
        resource[name] = values
    return resource
