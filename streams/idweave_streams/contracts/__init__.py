"""What idweave promises to those who read or write its topics, as JSON Schema 2020-12.

The files in `schemas/` are the contract. The code does not read them at run time;
tests hold the two together.
"""

from idweave_streams.contracts.schemas import NAMES, own_schema, schema

__all__ = ["NAMES", "own_schema", "schema"]
