"""The page's server: what it answers, whom, and what it leaves undone."""

import asyncio
import http.client
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from experiments.explore.asked import Base
from experiments.explore.desk import Desk, DroppedError
from experiments.explore.page import FILES
from experiments.explore.server import HEADERS, application
from tests.explore.asking import Ask

Got = tuple[int, Mapping[str, str], str]
Get = Callable[..., Got]


@pytest.fixture
def get(served: str) -> Get:
    """What the server answers to a path."""

    def of(path: str, method: str = "GET", **headers: str) -> Got:
        connection = http.client.HTTPConnection(urlsplit(served).netloc, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(connection):
            connection.request(method, path, headers=named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    return of


def test_it_serves_the_page_its_files_and_nothing_else(get: Get) -> None:
    status, _, page = get("/")
    assert status == 200
    assert "<h1>One request in flight, or five?</h1>" in page
    assert all(get(f"/{name}")[0] == 200 for name in FILES)
    for path in ("/pyproject.toml", "/../README.md", "/%2e%2e/README.md", "/answer", "/answer/all"):
        assert get(path)[0] == 404
    assert get("/", "POST", Content_Length="0")[0] == 405


@pytest.mark.parametrize("path", ["/", "/page.js", "/answer/first", "/nothing"])
def test_every_answer_has_its_headers_and_lets_no_other_origin_in(path: str, get: Get) -> None:
    _, headers, _ = get(path, Origin="http://elsewhere.example")
    assert HEADERS.items() <= headers.items()
    assert not [name for name in headers if name.lower().startswith("access-control")]
    assert "Server" not in headers


def test_it_answers_to_its_own_names_and_to_its_own_page(get: Get) -> None:
    assert get("/", Host="elsewhere.example")[0] == 403
    assert get("/answer/first", Host="elsewhere.example:80")[0] == 403
    assert get("/answer/first", Sec_Fetch_Site="cross-site")[0] == 403
    assert get("/", Host="localhost:1")[0] == 200
    assert get("/?rtt_ms=2", Sec_Fetch_Site="cross-site")[0] == 200  # a link that leads here


def test_what_cannot_be_is_told_with_its_knob(get: Get) -> None:
    status, _, body = get("/answer/first?rtt_ms=far")
    says = "far: must be a number from 0 to 1,000 on this page"
    assert (status, json.loads(body)) == (200, {"refused": {"knob": "rtt_ms", "says": says}})
    _, _, body = get("/answer/first?acks=1&in_flight=4")
    assert json.loads(body)["refused"]["knob"] == "acks"
    assert json.loads(get("/answer/first?%3Cscript%3E=1")[2])["refused"]["knob"] == ""


def test_two_visitors_at_once_each_get_their_own_answer(get: Get, ask: Ask) -> None:
    distances = (1, 5, 20, 50, 1, 5)
    with ThreadPoolExecutor(len(distances)) as visitors:
        answers = list(visitors.map(lambda ms: get(f"/answer/first?rtt_ms={ms}")[2], distances))
    for ms, answer in zip(distances, answers, strict=True):
        assert json.loads(answer)["sentence"] == ask("first", rtt_ms=ms)["sentence"]


def test_a_question_that_nobody_waits_for_is_dropped_and_known_runs_are_not_made_again(
    base: Base,
) -> None:
    async def story() -> None:
        desk = Desk(base, jobs=1)
        try:
            with pytest.raises(DroppedError):
                await desk.answer("more", {}, lambda: desk.made >= 3)
            assert desk.made == 3
            await desk.answer("first", {}, lambda: False)
            assert desk.made == 3  # the two of these were made before
        finally:
            desk.close()

    asyncio.run(story())


def test_whoever_hangs_up_is_gone(base: Base) -> None:
    class Waiting:
        """Answers nobody before they are gone."""

        def __init__(self) -> None:
            self.base, self.asked, self.dropped = base, asyncio.Event(), asyncio.Event()

        async def answer(self, _: str, __: Mapping[str, str], gone: Callable[[], bool]) -> Any:
            self.asked.set()
            while not gone():
                await asyncio.sleep(0.01)
            self.dropped.set()
            raise DroppedError

    async def story() -> None:
        desk: Any = Waiting()
        socket, port = bind_unused_port()
        server = HTTPServer(application(desk))
        server.add_sockets([socket])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /answer/first HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await asyncio.wait_for(desk.asked.wait(), 30)
        writer.close()
        await asyncio.wait_for(desk.dropped.wait(), 30)
        server.stop()

    asyncio.run(story())
