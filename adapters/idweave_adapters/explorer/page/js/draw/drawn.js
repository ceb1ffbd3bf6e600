// @ts-check
/** All marks of a graph, in layers: lanes, lines, names of lanes, nodes. */

import { svg } from "../dom.js";
import { laneMark, laneTitle, lineMark, nodeMark } from "./marks.js";
import { wayOf } from "./ways.js";

/** @typedef {import("./model.js").GraphModel} GraphModel */
/** @typedef {import("./layout.js").Layout} Layout */
/** @typedef {import("./graph.js").GraphParts} GraphParts */

/** @typedef {Map<string, SVGGElement>} Marks by id of the member or line */

/**
 * Make the mark of each node and line, with what stands out and what is dim.
 *
 * @param {GraphModel} model
 * @param {Layout} layout
 * @param {GraphParts} parts
 * @returns {Marks}
 */
export function marksOf({ nodes, lines }, layout, parts) {
  /** @type {Marks} */
  const marks = new Map();
  const tight = new Set(layout.lanes.filter((lane) => lane.isTight).flatMap((lane) => lane.nodes));
  for (const line of lines) marks.set(line.id, lineMark(line, wayOf(line, layout)));
  for (const node of nodes) marks.set(node.id, nodeMark(node, tight.has(node)));
  emphasised(marks, parts);
  return marks;
}

/**
 * Put marks into layers, so that no line lies on a text.
 *
 * @param {GraphModel} model
 * @param {Layout} layout
 * @param {Marks} marks
 */
export function world({ nodes, lines }, { lanes }, marks) {
  const of = (/** @type {{id: string}[]} */ things) => things.map(({ id }) => marks.get(id));
  return svg(
    "g",
    { class: "graph-world" },
    svg("g", { class: "graph-lanes", "aria-hidden": "true" }, lanes.map(laneMark)),
    svg("g", { class: "graph-lines" }, of(lines)),
    svg("g", { class: "graph-titles", "aria-hidden": "true" }, lanes.map(laneTitle)),
    svg("g", { class: "graph-nodes" }, of(nodes)),
  );
}

/**
 * @param {Marks} marks
 * @param {GraphParts} parts
 */
function emphasised(marks, { lit, dim, gone, added }) {
  const classes = { "is-lit": lit, "is-dim": dim, "is-gone": gone, "is-added": added };
  for (const [name, ids] of Object.entries(classes)) {
    for (const id of ids ?? []) marks.get(id)?.classList.add(name);
  }
  if (!lit) return;
  for (const mark of marks.values()) mark.classList.toggle("is-dim", !mark.classList.contains("is-lit"));
}
