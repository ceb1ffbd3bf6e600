"""What would come of a link, a cut, a ban or a decision, if it were made now.

The core's own rules say it, over persons, bans and decisions as the read model has them.
Nothing is written. Where a worker knows more than the read model, the answer says that
it may be otherwise, and why.
"""

from idweave_adapters.api.what_if.answer import what_if
from idweave_adapters.api.what_if.changes import MAX_CHANGES, Action

__all__ = ["MAX_CHANGES", "Action", "what_if"]
