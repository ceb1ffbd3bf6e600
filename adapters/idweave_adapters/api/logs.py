"""What the server writes down: no path, no query, no word of what was sent."""

import logging

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from idweave_adapters.api.routes import matched
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
        match = matched(request.rel_url.raw_path)
        route = match.routes[0] if match else None
        self.logger.info(
            "%s %s %d, %.1f ms",
            request.method if route and request.method == route.method else "-",
            route.template if route else "-",
            response.status,
            time * 1000,
        )

    @property
    def enabled(self) -> bool:
        """Whether anybody reads it."""
        return self.logger.isEnabledFor(logging.INFO)
