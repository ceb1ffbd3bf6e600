"""The calls beside the stream: which lookups are due, asking, and what comes back."""

from idweave_streams.calls.board import DueBoard
from idweave_streams.calls.caller import CallLimits, LookupCaller

__all__ = ["CallLimits", "DueBoard", "LookupCaller"]
