"""The adapters' errors.

    AdapterError
    └── UnreadableError     drop this record: it can't be understood or trusted

Packages below this one (the Graph API client, for instance) hang their own trees
under `AdapterError`. Decoders of records don't let an error out: they return it as
an `Unreadable`.
"""

from idweave_adapters.observations import DeadLetterCode, Unreadable


class AdapterError(Exception):
    """Something at the border to the outside world failed."""


class UnreadableError(AdapterError):
    """What came in can't be understood or trusted; `problem` says why and what to do.

    Its text is the hint, so it holds neither payload nor ids.
    """

    def __init__(self, code: DeadLetterCode, detail: str = "") -> None:
        hint = f"{detail}. {code.meaning}" if detail else code.meaning
        super().__init__(hint)
        self.problem = Unreadable(code, hint)
