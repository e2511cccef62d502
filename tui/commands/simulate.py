"""`goodpain simulate`: a simulated sensor for other programs."""

from __future__ import annotations

import click


@click.command()
@click.argument("address", default="upper-trapezius")
@click.option("--pty", "on_pty", is_flag=True, help="On a pseudo-terminal; prints the device's path.")
@click.option("--tcp", metavar="HOST:PORT", help="On a TCP port (0: any free one), for socket://HOST:PORT.")
@click.option("--for", "seconds", type=click.FloatRange(0, min_open=True), help="End after SECONDS.")
def simulate(address: str, on_pty: bool, tcp: str | None, seconds: float | None) -> None:
    """Offer a simulated sensor to other programs, until Ctrl-C.

    ADDRESS is a scenario with options, for example `upper-trapezius?seed=3&drop=0.01`, or the twin of another
    device, for example `twin-mark-10?force=30`.
    """
    from sim.serve import pty_server, tcp_server
    from tui.console import stopped_by_signals

    if on_pty == (tcp is not None):
        raise click.UsageError("say where: either --pty or --tcp HOST:PORT")
    with stopped_by_signals() as stop:
        try:
            if tcp is None:
                with pty_server(address, stop) as server:
                    click.echo(server.path)
                    stop.wait(seconds)
            else:
                host, port = _host_and_port(tcp)
                with tcp_server(address, host, port, stop) as server:
                    click.echo(f"socket://{host}:{server.port}")
                    stop.wait(seconds)
        except ValueError as error:
            raise click.ClickException(str(error)) from error


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdigit() and int(port) < 65536):
        raise click.UsageError(f"“{text}” is not HOST:PORT, for example 127.0.0.1:7000")
    return host, int(port)
