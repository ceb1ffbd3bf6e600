"""The OpenAPI 3.1 document, made from the table of routes."""

from typing import Any

from idweave_adapters.api import problems
from idweave_adapters.api.problems import KINDS, Kind
from idweave_adapters.api.routes import ROUTES, Parameter, Route
from idweave_adapters.api.schemas import SCHEMAS

Document = dict[str, Any]


def openapi() -> Document:
    """Return the document; the same each time."""
    paths: dict[str, Document] = {}
    for route in ROUTES:
        operations = paths.setdefault(route.template, {})
        operations[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "idweave",
            "version": "1",
            "description": "Who is whom, and why. The business comes from the "
            "credential; what belongs to another one is not found.",
        },
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def kinds_of(route: Route) -> list[Kind]:
    """Return the problems that a request to *route* may meet."""
    if route.is_open:
        return []
    found = {
        problems.BAD_REQUEST,
        problems.NO_CREDENTIAL,
        problems.TOO_MANY,
        problems.FAULT,
    }
    if route.verb is not None:
        found |= {problems.NOT_ALLOWED, problems.NOT_FOUND, problems.NOT_READY}
    if route.body:
        found |= {problems.TOO_LARGE, problems.BAD_MEDIA}
    if route.name == "changes":
        found.add(problems.OTHER_COPY)
    if route.name == "what_if":
        found.add(problems.TOO_MUCH)
    return [kind for kind in KINDS if kind in found]


def _operation(route: Route) -> Document:
    operation: Document = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [_parameter(each) for each in route.parameters],
        "responses": _responses(route),
    }
    if route.is_open:
        operation["security"] = []
    if route.verb is not None:
        operation["x-verb"] = str(route.verb)
    if route.body is not None:
        content = {"application/json": {"schema": _ref(route.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(parameter: Parameter) -> Document:
    return {
        "name": parameter.name,
        "in": "path" if parameter.in_path else "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _responses(route: Route) -> Document:
    content = {route.media: {"schema": _ref(route.answer)}}
    responses: Document = {"200": {"description": "The answer.", "content": content}}
    if route.name == "ready":
        responses["503"] = {"description": "Not yet.", "content": content}
    for kind in kinds_of(route):
        responses[str(kind.status)] = {
            "description": kind.title,
            "content": {problems.MEDIA_TYPE: {"schema": _ref("Problem")}},
        }
    return responses


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}
