"""`goodpain simulate`: a simulated sensor for other programs."""

from __future__ import annotations

import re

import click

LOOPBACK = "127.0.0.1"
"""Where a sensor listens for which only a port is named: what is on it never leaves this computer."""


@click.command()
@click.argument("address", default="upper-trapezius")
@click.option("--pty", "on_pty", is_flag=True, help="On a pseudo-terminal; prints the device's path.")
@click.option(
    "--tcp",
    metavar="[HOST:]PORT",
    help="On a TCP port (0: any free one), for socket://HOST:PORT. Only this computer reaches it, unless HOST is "
    "another address of it.",
)
@click.option("--for", "seconds", type=click.FloatRange(0, min_open=True), help="End after SECONDS.")
def simulate(address: str, on_pty: bool, tcp: str | None, seconds: float | None) -> None:
    """Offer a simulated sensor to other programs, until Ctrl-C.

    ADDRESS is a scenario with options, for example `upper-trapezius?seed=3&drop=0.01`, or the twin of another
    device, for example `twin-mark-10?force=30`.
    """
    from sim.serve import pty_server, tcp_server
    from tui.console import stopped_by_signals

    if on_pty == (tcp is not None):
        raise click.UsageError("say where: either --pty or --tcp PORT")
    with stopped_by_signals() as stop:
        try:
            if tcp is None:
                with pty_server(address, stop) as server:
                    click.echo(server.path)
                    stop.wait(seconds)
            else:
                host, port = _host_and_port(tcp)
                with tcp_server(address, host, port, stop) as server:
                    if not server.loopback:
                        click.echo(
                            f"goodpain: other computers can reach this sensor at {server.at}, and nobody asks who they "
                            f"are: with --tcp {server.port} only this one can",
                            err=True,
                        )
                    click.echo(server.url)
                    stop.wait(seconds)
        except ValueError as error:
            raise click.ClickException(str(error)) from error


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (re.fullmatch("[0-9]{1,5}", port) and int(port) < 65536 and bool(host) == bool(colon)):
        raise click.UsageError(f"“{text}” is neither PORT nor HOST:PORT: for example 7000, or 127.0.0.1:7000")
    return host.removeprefix("[").removesuffix("]") or LOOPBACK, int(port)
