// @ts-check
/** What a graph shows: members by id, and lines, each of them all proofs between two. */

import { laneOf, memberOf, memberText } from "../words.js";

/** @typedef {import("../words.js").Member} Member */

/**
 * @typedef {object} Proof as the API tells it
 * @property {string} kind
 * @property {string} a
 * @property {string} b
 * @property {number} at_ms
 * @property {number[]} epochs
 * @property {{topic: string, partition: number, offset: number}} cause
 */

/**
 * @typedef {object} GraphNode
 * @property {string} id `app:10:777`
 * @property {Member} member
 * @property {"apps" | "between" | "pages"} band
 * @property {{key: string, title: string}} lane
 * @property {GraphLine[]} lines
 * @property {number} x
 * @property {number} y
 */

/**
 * @typedef {object} GraphLine
 * @property {string} id see `lineId`
 * @property {GraphNode} a
 * @property {GraphNode} b
 * @property {Proof[]} proofs the firmest first
 */

/** @typedef {{nodes: GraphNode[], lines: GraphLine[]}} GraphModel */

/** Kinds that rest on the word of the business; all others rest on Meta's. */
const OWN_WORD = new Set(["account_linking", "manual"]);

/**
 * Name the line between two members: the same for both directions. No id holds a blank.
 *
 * @param {string} one
 * @param {string} two
 */
export function lineId(one, two) {
  return one < two ? `${one} ${two}` : `${two} ${one}`;
}

/**
 * Read the model of a graph: the same for any order of members and proofs. Proofs with
 * an end that is no member are left out.
 *
 * @param {Iterable<Member | string>} members
 * @param {Iterable<Proof>} proofs
 * @returns {GraphModel}
 */
export function graphModel(members, proofs) {
  const nodes = new Map();
  for (const member of members) {
    const node = nodeOf(member);
    nodes.set(node.id, node);
  }
  const lines = bundled(nodes, proofs);
  return { nodes: [...nodes.values()].sort(byId), lines: lines.sort(byId) };
}

/**
 * Order proofs: what Meta said before what the business said, the older before the younger.
 *
 * @param {Proof} one
 * @param {Proof} two
 */
export function firmerFirst(one, two) {
  return (
    Number(OWN_WORD.has(one.kind)) - Number(OWN_WORD.has(two.kind)) ||
    one.at_ms - two.at_ms ||
    one.kind.localeCompare(two.kind)
  );
}

/**
 * @param {Member | string} member
 * @returns {GraphNode}
 */
function nodeOf(member) {
  const id = memberText(member);
  const known = memberOf(member);
  return { id, member: known, band: bandOf(known.kind), lane: laneOf(id), lines: [], x: 0, y: 0 };
}

/**
 * @param {string} kind
 * @returns {"apps" | "between" | "pages"}
 */
function bandOf(kind) {
  if (kind === "app") return "apps";
  return kind === "page" ? "pages" : "between";
}

/**
 * @param {Map<string, GraphNode>} nodes
 * @param {Iterable<Proof>} proofs
 */
function bundled(nodes, proofs) {
  /** @type {Map<string, GraphLine>} */
  const lines = new Map();
  for (const proof of proofs) {
    const [a, b] = [nodes.get(proof.a), nodes.get(proof.b)];
    if (!a || !b || a === b) continue;
    const id = lineId(proof.a, proof.b);
    const line = lines.get(id) ?? { id, a, b, proofs: [] };
    line.proofs.push(proof);
    lines.set(id, line);
  }
  for (const line of lines.values()) {
    line.proofs.sort(firmerFirst);
    line.a.lines.push(line);
    line.b.lines.push(line);
  }
  return [...lines.values()];
}

/**
 * @param {{id: string}} one
 * @param {{id: string}} two
 */
function byId(one, two) {
  return one.id < two.id ? -1 : one.id > two.id ? 1 : 0;
}
