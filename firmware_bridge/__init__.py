"""From the wire to newtons: ports, dialects, clock, calibration."""
