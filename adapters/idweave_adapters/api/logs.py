"""What the server writes down: no path, no query, no word of what was sent."""

import logging

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from idweave_adapters.api.routes import matched
from idweave_adapters.explorer import READING
from idweave_adapters.ingress.logs import Discreet

ACCESS = logging.getLogger("idweave.api.access")
FAULTS = logging.getLogger("idweave.api.http")
FAULTS.addFilter(Discreet())


class AccessLogger(AbstractAccessLogger):
    """One line a request: method, route, status, time."""

    def log(
        self, request: web.BaseRequest, response: web.StreamResponse, time: float
    ) -> None:
        """Write the line. The route stands for the path, which holds an id."""
        template, methods = _known(request.rel_url.raw_path)
        self.logger.info(
            "%s %s %d, %.1f ms",
            request.method if request.method in methods else "-",
            template,
            response.status,
            time * 1000,
        )

    @property
    def enabled(self) -> bool:
        """Whether anybody reads it."""
        return self.logger.isEnabledFor(logging.INFO)


def _known(raw_path: str) -> tuple[str, tuple[str, ...]]:
    """Return what stands for a path, and its methods."""
    match = matched(raw_path)
    if match is not None:
        return match.routes[0].template, tuple(r.method for r in match.routes)
    if raw_path == "/":
        return "/", READING
    return ("/explorer/…", READING) if raw_path.startswith("/explorer/") else ("-", ())
