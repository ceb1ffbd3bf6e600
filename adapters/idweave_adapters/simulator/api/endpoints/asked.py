"""A call together with its caller and the person it is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from idweave_adapters.simulator.api import errors
from idweave_adapters.simulator.api.call import Call
from idweave_adapters.simulator.api.callers import Caller
from idweave_adapters.simulator.state import State
from idweave_adapters.simulator.world import Person


@dataclass(frozen=True, slots=True)
class Asked:
    """One call to judge. `proved` says that a right proof came with it."""

    call: Call
    caller: Caller
    proved: bool
    version: tuple[int, int]  # the one that serves the call
    now_s: float


@dataclass(frozen=True, slots=True)
class Subject:
    """The person a node id stands for, seen through one app or Page."""

    person: Person
    node: str = field(repr=False)
    asset: str  # of a test app: its parent

    @property
    def is_page_scoped(self) -> bool:
        """The node id is a PSID."""
        return self.asset.startswith("page:")

    @property
    def scoped_id(self) -> str:
        """The text form that the rest of idweave uses."""
        return f"{self.asset}:{self.node}"


Handler = Callable[[State, Asked], Mapping[str, Any]]
"""Answers one call with the body, or raises a `GraphError`."""


def subject(state: State, asked: Asked) -> Subject:
    """Find the person behind the first part of the path.

    A PSID is visible to its own Page's tokens; an ASID to its own app, and to Page
    tokens that the app has made (Mapping Users: tokens come from "the app that
    manages the Page" and has the id in its scope).

    Raises:
        GraphError: the token may not see such an id, or there is none.
    """
    caller, node = asked.caller, asked.call.path[0]
    people, scope = state.world.people, caller.app.scope
    if caller.system_user_of:  # it manages assets; whether it sees people is not said
        raise errors.unknown_object(node)
    if caller.person:
        own = caller.person.asids[scope]
        if node not in ("me", own):
            raise errors.unknown_object(node)
        return Subject(caller.person, own, f"app:{scope}")
    if caller.page and (person := people.on_page(caller.page.id).get(node)):
        return Subject(person, node, caller.page.asset)
    if person := people.in_app(scope).get(node):
        return Subject(person, node, f"app:{scope}")
    if not caller.page and _is_psid_of_managed_page(state, caller, node):
        raise errors.page_token_needed()
    raise errors.unknown_object(node)


def _is_psid_of_managed_page(state: State, caller: Caller, node: str) -> bool:
    return any(
        caller.app.id in page.made_by and node in state.world.people.on_page(page.id)
        for page in state.world.pages.values()
    )
