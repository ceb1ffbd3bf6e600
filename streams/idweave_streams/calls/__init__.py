"""The calls beside the stream: which lookups are due, asking, and what comes back."""

from idweave_streams.calls.board import DueBoard
from idweave_streams.calls.caller import LookupCaller
from idweave_streams.calls.pacing import Pacing
from idweave_streams.calls.slots import CallLimits

__all__ = ["CallLimits", "DueBoard", "LookupCaller", "Pacing"]
