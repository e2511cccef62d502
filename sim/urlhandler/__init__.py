"""Where pyserial finds the `sim://` addresses: `serial.protocol_handler_packages.append("sim.urlhandler")`."""
