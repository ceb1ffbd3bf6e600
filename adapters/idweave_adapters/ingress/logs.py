"""What the door writes down: no query, no id, no word of what was sent."""

import logging

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError

from idweave_adapters.ingress.routes import route_of

ACCESS = logging.getLogger("idweave.ingress.access")
FAULTS = logging.getLogger("idweave.ingress.http")


class AccessLogger(AbstractAccessLogger):
    """One line a request: method, route, status, size, time."""

    def log(
        self, request: web.BaseRequest, response: web.StreamResponse, time: float
    ) -> None:
        """Write the line. The route stands for the path, which holds an id."""
        route = route_of(request.rel_url.raw_path)
        self.logger.info(
            "%s %s %d %s bytes in, %.1f ms",
            request.method if route and request.method in route.methods else "-",
            route.template if route else "-",
            response.status,
            "?" if request.content_length is None else request.content_length,
            time * 1000,
        )

    @property
    def enabled(self) -> bool:
        """Whether anybody reads it."""
        return self.logger.isEnabledFor(logging.INFO)


class Discreet(logging.Filter):
    """Takes out what aiohttp says of a failed request: it quotes what was sent.

    Requests that are no HTTP are left out: the access log has them, and whoever scans
    an address makes thousands.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave the kind of the failure and where in our code it was."""
        kind, fault, trace = record.exc_info or (None, None, None)
        if isinstance(fault, HttpProcessingError):
            return False
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = (
            f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
        )
        name = kind.__name__ if kind else "no exception"
        record.msg, record.args = "a request failed: %s at %s", (name, place)
        record.exc_info = record.exc_text = record.stack_info = None
        return True


FAULTS.addFilter(Discreet())
