"""`goodpain sensors` and `settings`: what there is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from tui.options import folder_and_settings, with_data


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.option("--dialects", is_flag=True, help="List the languages of sensors that are known instead.")
def sensors(as_json: bool, dialects: bool) -> None:
    """List what is plugged in, and what it probably is."""
    from firmware_bridge import list_sensors

    if dialects:
        _list_dialects(as_json)
        return

    found = list_sensors()
    if as_json:
        click.echo(json.dumps({"sensors": [asdict(port) for port in found]}))
        return
    if not found:
        click.echo("Nothing is plugged in. To try Goodpain without a sensor: goodpain demo")
        return
    width = max(len(port.url) for port in found)
    for port in found:
        ids = (
            f"{port.usb_vid:04x}:{port.usb_pid:04x}"
            if port.usb_vid is not None and port.usb_pid is not None
            else "-"
        )
        click.echo(f"{port.url:<{width}}  {ids:<9}  {port.guess}  {port.description}")


def _list_dialects(as_json: bool) -> None:
    from firmware_bridge.dialects import dialects as known

    found = known().values()
    if as_json:
        rows = [
            {
                "name": one.name,
                "label": one.label,
                "evidence": one.evidence,
                "asked": bool(one.poll or one.start),
                "bauds": list(one.bauds),
                "clock": "device" if one.has_clock else "arrival",
                "hint": one.hint,
            }
            for one in found
        ]
        click.echo(json.dumps({"dialects": rows}))
        return
    width = max(len(one.name) for one in found)
    for one in found:
        named = "*" if one.poll or one.start else " "
        click.echo(f"{one.name:<{width}} {named} {one.label:<38}{one.evidence}")
    click.echo(
        "\n* speaks when asked: name it (--dialect NAME), as an unknown device is sent\n"
        "nothing. The last column is what the dialect was written from; what is there\n"
        "from a manual only has never met the device. More: docs/devices.md"
    )


@click.command()
@with_data
@click.pass_context
def settings(ctx: click.Context, data: Path | None) -> None:
    """Show the settings in force, where they are read from, and where the record is kept."""
    from tui.settings import settings_path

    folder, values = folder_and_settings(ctx, data)
    path = settings_path(folder)
    click.echo(
        f"# record: {folder}\n# settings: {path}{'' if path.exists() else ' (not there: these are the defaults)'}"
    )
    click.echo(f'unit = "{values.unit.key}"\nglyphs = "{values.glyphs}"\ntheme = "{values.theme}"')
    click.echo(f"ceiling = {values.unit.from_kpa(values.ceiling_kpa):.3g}  # {values.unit.label}")
    on_foam = values.unit.from_kpa(values.practise_ceiling_kpa)
    click.echo(
        f"practise_ceiling = {on_foam:.3g}  # {values.unit.label}, for drills on foam, never for a body"
    )
    click.echo(f'sensor = "{values.sensor}"')
    click.echo(f"calibration_days = {values.calibration_days:g}")
    click.echo(f"retention_years = {values.retention_years:g}")
    click.echo(f"sound = {str(values.sound).lower()}\nvolume = {values.volume:g}")
    click.echo(f'applicator = "{values.applicator}"\n\n[areas_cm2]')
    for name, area in values.areas_cm2.items():
        click.echo(f"{name} = {area:g}")
    click.echo("\n[keys]")
    for name, key in values.keys.items():
        click.echo(f'{name} = "{key}"')
