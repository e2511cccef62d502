"""Records of practice are tested where all others are: on a file and, where there is one, on a server."""

from tests.history.conftest import history, path, place, pytest_generate_tests, server

__all__ = ["history", "path", "place", "pytest_generate_tests", "server"]
