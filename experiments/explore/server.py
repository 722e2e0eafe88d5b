"""The server of the page: the page, its files, and answers as JSON. It keeps nothing of anybody.

It answers whoever reaches it under a name of this machine, no page of another origin, and serves no
file but its own. HTTP is Tornado's.
"""

import asyncio
import re
import signal
from collections.abc import Callable
from functools import cache
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from experiments.explore.answers import PARTS
from experiments.explore.asked import Base
from experiments.explore.desk import Desk, DroppedError
from experiments.explore.knobs import refused_knob
from experiments.explore.page import FILES, page
from model import ConfigError

LOOPBACK = "127.0.0.1"
#: Ours: far above any address of the page, and what a visitor may send beside it: nothing.
MOST_HEADER_BYTES, MOST_BODY_BYTES = 16_384, 0
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: What a browser says of requests that no page of another origin made.
OWN_SITE = ("same-origin", "none")


class Plain(RequestHandler):
    """What all answers have: headers, and a visitor who may ask."""

    def initialize(self, desk: Desk, names: frozenset[str]) -> None:
        """``names``: those of hosts that this server goes by; empty: any."""
        self.desk, self._names, self._gone = desk, names, False

    def set_default_headers(self) -> None:
        """On every answer, errors among them."""
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Refuse who came by a foreign name (DNS rebinding)."""
        if self._names and self.request.host_name not in self._names:
            self.refuse()

    def refuse(self) -> None:
        """Say no, and nothing else."""
        self.set_status(403)
        self.finish("This server answers its own page only.\n")

    def on_connection_close(self) -> None:
        """The visitor has gone, or asked anew."""
        self._gone = True

    def write_error(self, status_code: int, **_: Any) -> None:
        """Without a traceback, and in one line."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}\n")


class Page(Plain):
    """The page itself, wherever its knobs stand: that is the address's and the script's matter."""

    def get(self) -> None:
        """The HTML."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(_page_of(self.desk))


class File(Plain):
    """A file of the page's own."""

    def get(self, name: str) -> None:
        """Its text."""
        self.set_header("Content-Type", f"{FILES[name].kind}; charset=utf-8")
        self.write(FILES[name].text())


class Part(Plain):
    """A part of an answer, as JSON; of what cannot be asked ``refused``, the knob and the rule.

    To be refused is an answer: an error's status would be a complaint in the browser's console.
    """

    async def get(self, part: str) -> None:
        """The answer to what the address asks, if no page of another origin does."""
        if self.request.headers.get("Sec-Fetch-Site", "none") not in OWN_SITE:
            self.refuse()
            return
        given = {
            name: self.get_query_argument(name, strip=False) for name in self.request.arguments
        }
        try:
            self.write(await self.desk.answer(part, given, lambda: self._gone))
        except DroppedError:
            self.finish()
        except ConfigError as error:
            knob = refused_knob(error.setting, self.desk.base.knobs)
            says = f"{error.value}: {error.rule}" if knob else str(error)
            self.write({"refused": {"knob": knob, "says": says}})


class Missing(Plain):
    """Anything else."""

    def prepare(self) -> None:
        """There is nothing of this name."""
        self.send_error(404)


@cache
def _page_of(desk: Desk) -> str:
    return page(desk.base)


def application(desk: Desk, host: str = LOOPBACK) -> Application:
    """Everything there is, and no more."""
    local = frozenset({LOOPBACK, "localhost", "::1"})
    shared = {"desk": desk, "names": local if host in local else frozenset()}
    names, parts = "|".join(map(re.escape, FILES)), "|".join(PARTS)
    return Application(
        [
            (r"/", Page, shared),
            (rf"/({names})", File, shared),
            (rf"/answer/({parts})", Part, shared),
        ],
        default_handler_class=Missing,
        default_handler_args=shared,
        log_function=lambda _: None,  # a refusal is told to whoever asked
    )


async def serve(
    base: Base,
    host: str,
    port: int,
    jobs: int | None,
    ready: Callable[[int], None],
) -> None:
    """Answer until cancelled, or asked to end by SIGTERM.

    ``ready`` is told the port, which is a free one for 0. Raises ConfigError if the
    port, or the address, is not to be had.
    """
    desk = Desk(base, jobs)
    try:
        sockets = bind_sockets(port, host)
    except OSError as error:
        desk.close()
        where = f"{host}:{port}"
        raise ConfigError("port", where, f"cannot be listened on ({error.strerror})") from error
    limits = {"max_header_size": MOST_HEADER_BYTES, "max_body_size": MOST_BODY_BYTES}
    server = HTTPServer(application(desk, host), **limits)
    server.add_sockets(sockets)
    try:
        ready(sockets[0].getsockname()[1])
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        await ended.wait()  # so that no worker is left behind
    finally:
        server.stop()
        desk.close()
