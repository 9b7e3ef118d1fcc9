"""One server for all tests of a file; nothing that a test orders of it is left to the next one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ....doubles.api_server import ApiServer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    server = ApiServer(tmp_path_factory.mktemp("node"))
    yield server
    server.stop()


@pytest.fixture
def server(running: ApiServer) -> ApiServer:
    running.order()
    return running
