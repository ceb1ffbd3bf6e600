"""JSON Schema as the standard has it, which is stricter than Python's patterns."""

import re
from collections.abc import Iterator

import jsonschema
from jsonschema.protocols import Validator


def _pattern(
    _: Validator, pattern: str, instance: object, __: object
) -> Iterator[jsonschema.ValidationError]:
    r"""`pattern` as the standard has it, where `$` is the end (Python: or a final \n)."""
    ecma = pattern.replace("$", r"\Z")
    if isinstance(instance, str) and not re.search(ecma, instance):
        yield jsonschema.ValidationError("does not match")


Ecma = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": _pattern}
)
