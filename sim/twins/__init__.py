"""Simulated twins of other people's force devices: they send what those send, and answer what those answer."""
