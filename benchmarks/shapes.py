"""Graphs of a known shape, as edges between numbers: what a union may choke on."""

from collections.abc import Callable, Iterator
from itertools import combinations, count
from math import isqrt
from random import Random

Edge = tuple[int, int]


def path(edges: int) -> list[Edge]:
    """One after the other: as deep as can be."""
    return [(node, node + 1) for node in range(edges)]


def star(edges: int) -> list[Edge]:
    """One in the middle of all: as many neighbours as can be."""
    return [(0, node) for node in range(1, edges + 1)]


def grid(edges: int) -> list[Edge]:
    """A square, whose many ways round all lead to the same place."""
    side = max(2, isqrt(edges // 2))
    nodes = range(side * side)
    across = [(node, node + 1) for node in nodes if (node + 1) % side]
    return (across + [(node, node + side) for node in nodes[:-side]])[:edges]


def complete(edges: int) -> list[Edge]:
    """Everybody with everybody."""
    nodes = isqrt(2 * edges) + 1
    return list(combinations(range(nodes), 2))[:edges]


def barbell(edges: int) -> list[Edge]:
    """Two crowds, and a long bridge of single edges between them."""
    third = max(1, edges // 3)
    bell = complete(third)
    last = 1 + max(node for edge in bell for node in edge)
    bridge = [(last + a, last + b) for a, b in path(third)]
    far = last + third
    other = [(far + a, far + b) for a, b in bell]
    return [*bell, (last - 1, last), *bridge, *other]


def caterpillar(edges: int) -> list[Edge]:
    """A path with a leg at each of its nodes."""
    spine = max(1, edges // 2)
    return [*path(spine), *((node, spine + 1 + node) for node in range(spine))]


def power_law(edges: int, seed: int = 1) -> list[Edge]:
    """Three edges for each newcomer, rather to who has many already: one component."""
    random = Random(seed)  # noqa: S311 - no secret
    found, ends = list[Edge](), [0]
    for newcomer in range(1, 1 + max(1, edges // 3)):
        chosen = {random.choice(ends) for _ in range(3)}
        found += [(other, newcomer) for other in sorted(chosen)]
        ends += [newcomer, *chosen]
    return found


def tiny(edges: int) -> list[Edge]:
    """Many that have nothing to do with each other: triangles and pairs."""
    found: list[Edge] = []
    for first in count(step=5):
        if len(found) >= edges:
            return found
        triangle = (first, first + 1), (first + 1, first + 2), (first, first + 2)
        found += [*triangle, (first + 3, first + 4)]
    raise AssertionError


def tournament(edges: int) -> list[Edge]:
    """Equals meet equals, in rounds: the worst order for a union by size."""
    nodes, found, step = edges + 1, list[Edge](), 1
    while step < nodes:
        pairs = range(0, nodes - step, 2 * step)
        found += [(one + step - 1, min(one + 2 * step, nodes) - 1) for one in pairs]
        step *= 2
    return found


def scattered(edges: int, seed: int = 2) -> list[Edge]:
    """At random, about one edge for each two nodes: where a giant is about to form."""
    random = Random(seed)  # noqa: S311 - no secret
    nodes = max(2, 2 * edges)
    return [_pair(random, nodes) for _ in range(edges)]


def giant(edges: int, seed: int = 3) -> list[Edge]:
    """At random, eight edges for each node: hardly anybody is left out."""
    random = Random(seed)  # noqa: S311 - no secret
    nodes = max(2, edges // 8)
    return [_pair(random, nodes) for _ in range(edges)]


def _pair(random: Random, nodes: int) -> Edge:
    """Return two different nodes."""
    one = random.randrange(nodes)
    return one, (one + 1 + random.randrange(nodes - 1)) % nodes


SHAPES: dict[str, Callable[[int], list[Edge]]] = {
    "path": path,
    "star": star,
    "grid": grid,
    "complete": complete,
    "barbell": barbell,
    "caterpillar": caterpillar,
    "power-law": power_law,
    "tiny": tiny,
    "tournament": tournament,
    "scattered": scattered,
    "giant": giant,
}


def all_together(edges: int) -> list[Edge]:
    """Each shape with its share of the edges, side by side."""
    return list(_side_by_side(edges // len(SHAPES)))


def _side_by_side(share: int) -> Iterator[Edge]:
    first = 0
    for shape in SHAPES.values():
        edges = shape(share)
        yield from ((first + one, first + two) for one, two in edges)
        first += nodes_of(edges)


def nodes_of(edges: list[Edge]) -> int:
    """Return how many nodes there are, numbered from 0; some may have no edge."""
    return 1 + max(max(edge) for edge in edges)
