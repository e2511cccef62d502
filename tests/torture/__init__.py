"""Faults injected for real, with a ledger of every sample: `make torture`."""
