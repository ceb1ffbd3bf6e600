"""Reading the outputs: from identity events to a local map of who is whom.

For programs that subscribe to idweave; nothing of idweave itself needs it. It takes the
public JSON documents as they are and knows of nothing else in this package, so it can
be copied out, and a reader in another language is its translation.

`Fold` follows `identity.events.v1` or `identity.persons.v1`, `Aliases` follows
`identity.aliases.v1`.
"""

from idweave_graph.consume.aliases import Aliases
from idweave_graph.consume.fold import Fold
from idweave_graph.consume.reading import MalformedError
from idweave_graph.consume.register import Changes

__all__ = ["Aliases", "Changes", "Fold", "MalformedError"]
