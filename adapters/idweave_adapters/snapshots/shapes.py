"""A person as a graph: members are nodes, proofs that count are edges."""

from collections.abc import Iterator
from dataclasses import dataclass

from idweave_adapters.snapshots.rows import parts_of
from idweave_graph.ids import BusinessId, Member
from idweave_graph.person import Person

Value = str | int


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that is told of every node, or of every edge."""

    name: str
    type: type[Value]


NODE = (
    Attribute("business", str),
    Attribute("person", str),
    Attribute("generation", int),
    Attribute("kind", str),
    Attribute("asset", str),
    Attribute("value", str),
    Attribute("first_seen_ms", int),
)
"""What is told of a node; the asset is empty for tokens and codes."""
EDGE = (
    Attribute("kind", str),
    Attribute("learned_ms", int),
    Attribute("epoch_source", int),
    Attribute("epoch_target", int),
    Attribute("cause", str),
)
"""What is told of an edge; the cause is `<topic>-<partition>-<offset>`."""


@dataclass(frozen=True, slots=True)
class Node:
    """A member. Its id is `<business>/<member>`, unique in a whole snapshot."""

    id: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """A proof between two members of one person."""

    source: str
    target: str
    values: tuple[Value, ...]


def node_id(business: BusinessId, member: Member) -> str:
    """Name a node."""
    return f"{business}/{member}"


def nodes(person: Person) -> Iterator[Node]:
    """Yield the members of *person*."""
    about = (person.business, person.id, person.generation)
    for member, seen_ms in person.members.items():
        kind, asset, value = parts_of(member)
        values = (*about, kind, asset or "", value, seen_ms)
        yield Node(node_id(person.business, member), values)


def edges(person: Person) -> Iterator[Edge]:
    """Yield what holds *person* together; between two members there may be several."""
    business = person.business
    for proof in person.evidence:
        source, target = node_id(business, proof.a), node_id(business, proof.b)
        epochs = (proof.epoch_a, proof.epoch_b)
        values = (proof.kind.value, proof.at_ms, *epochs, str(proof.cause))
        yield Edge(source, target, values)
