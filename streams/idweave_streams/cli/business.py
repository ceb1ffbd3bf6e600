"""A business on the command line."""

from typing import Any

import click

from idweave_graph.ids import BusinessId, InvalidIdError, business_id


class BusinessParameter(click.ParamType):
    """The id of a business."""

    name = "business"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> BusinessId:
        """Check that it can be one."""
        try:
            return business_id(str(value))
        except InvalidIdError as error:
            self.fail(str(error), param, ctx)
