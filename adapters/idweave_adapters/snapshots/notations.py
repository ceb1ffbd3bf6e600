"""GraphML, GEXF and node-link JSON, as networkx reads them."""

from collections.abc import Mapping, Sequence
from itertools import chain
from xml.sax.saxutils import quoteattr

import orjson

from idweave_adapters.snapshots.shapes import EDGE, NODE, Attribute, Edge, Node, Value

GRAPHML_VERSION = GEXF_VERSION = NODE_LINK_VERSION = 1

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


class GraphML:
    """One undirected graph; a key is `n0`, `n1`, ... of nodes, `e0`, ... of edges."""

    file = "graph.graphml"
    between = ""
    foot = "</graph>\n</graphml>\n"
    _types = {str: "string", int: "long"}  # noqa: RUF012  (never changed)

    def __init__(self) -> None:
        keys = chain(
            map(self._key, self._names("n", NODE), NODE, ["node"] * len(NODE)),
            map(self._key, self._names("e", EDGE), EDGE, ["edge"] * len(EDGE)),
        )
        space = "http://graphml.graphdrawing.org/xmlns"
        opening = f'<graphml xmlns="{space}">\n'
        graph = '<graph id="identities" edgedefault="undirected">\n'
        self.head = f"{_XML}{opening}{''.join(keys)}{graph}"

    def node(self, number: int, node: Node) -> str:
        """Write a node."""
        told = self._data("n", node.values)
        return f"<node id={_quoted(node.id)}>{told}</node>\n"

    def edge(self, number: int, edge: Edge) -> str:
        """Write an edge, which has an id, so that two may join the same nodes."""
        ends = f"source={_quoted(edge.source)} target={_quoted(edge.target)}"
        told = self._data("e", edge.values)
        return f'<edge id="{number}" {ends}>{told}</edge>\n'

    def _key(self, name: str, attribute: Attribute, of: str) -> str:
        kind = self._types[attribute.type]
        about = f'attr.name="{attribute.name}" attr.type="{kind}"'
        return f'<key id="{name}" for="{of}" {about}/>\n'

    def _names(self, letter: str, attributes: Sequence[Attribute]) -> list[str]:
        return [f"{letter}{n}" for n in range(len(attributes))]

    def _data(self, letter: str, values: Sequence[Value]) -> str:
        return "".join(
            f'<data key="{letter}{n}">{_text(value)}</data>'
            for n, value in enumerate(values)
        )


class Gexf:
    """One undirected static graph, version 1.2 of the format."""

    file = "graph.gexf"
    between = "</nodes>\n<edges>\n"
    foot = "</edges>\n</graph>\n</gexf>\n"
    _types = {str: "string", int: "long"}  # noqa: RUF012  (never changed)

    def __init__(self) -> None:
        opening = '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n'
        graph = '<graph defaultedgetype="undirected" mode="static">\n'
        told = self._attributes("node", NODE) + self._attributes("edge", EDGE)
        self.head = f"{_XML}{opening}{graph}{told}<nodes>\n"

    def node(self, number: int, node: Node) -> str:
        """Write a node, whose label is its id."""
        name = _quoted(node.id)
        return f"<node id={name} label={name}>{self._data(node.values)}</node>\n"

    def edge(self, number: int, edge: Edge) -> str:
        """Write an edge."""
        ends = f"source={_quoted(edge.source)} target={_quoted(edge.target)}"
        return f'<edge id="{number}" {ends}>{self._data(edge.values)}</edge>\n'

    def _attributes(self, of: str, attributes: Sequence[Attribute]) -> str:
        each = "".join(
            f'<attribute id="{n}" title="{a.name}" type="{self._types[a.type]}"/>\n'
            for n, a in enumerate(attributes)
        )
        return f'<attributes class="{of}" mode="static">\n{each}</attributes>\n'

    def _data(self, values: Sequence[Value]) -> str:
        each = "".join(
            f'<attvalue for="{n}" value={_quoted(value)}/>'
            for n, value in enumerate(values)
        )
        return f"<attvalues>{each}</attvalues>"


class NodeLink:
    """One JSON object with `nodes` and `edges`, one of them a line."""

    file = "graph.json"
    head = '{"directed":false,"multigraph":true,"graph":{},"nodes":[\n'
    between = '],"edges":[\n'
    foot = "]}\n"

    def node(self, number: int, node: Node) -> str:
        """Write a node."""
        told = self._told(NODE, node.values)
        return self._line(number, {"id": node.id, **told})

    def edge(self, number: int, edge: Edge) -> str:
        """Write an edge."""
        told = self._told(EDGE, edge.values)
        ends: dict[str, Value] = {
            "source": edge.source,
            "target": edge.target,
            "key": number,
        }
        return self._line(number, {**ends, **told})

    def _told(
        self, attributes: Sequence[Attribute], values: Sequence[Value]
    ) -> dict[str, Value]:
        return {a.name: value for a, value in zip(attributes, values, strict=True)}

    def _line(self, number: int, found: Mapping[str, Value]) -> str:
        comma = "," if number else ""
        return f"{comma}{orjson.dumps(found).decode()}\n"


def _quoted(value: Value) -> str:
    return quoteattr(str(value))


def _text(value: Value) -> str:
    text = str(value)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
