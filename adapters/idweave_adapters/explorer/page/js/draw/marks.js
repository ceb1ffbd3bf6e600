// @ts-check
/** The SVG of a lane, a node, a line, and what they are called. */

import { svg } from "../dom.js";
import { atText, count, evidenceKind, memberKind, short } from "../words.js";
import { RADIUS } from "./layout.js";
import { shapeMarks } from "./sign.js";

/** @typedef {import("./model.js").GraphNode} GraphNode */
/** @typedef {import("./model.js").GraphLine} GraphLine */
/** @typedef {import("./layout.js").Lane} Lane */
/** @typedef {import("./ways.js").Point} Point */

const LONGEST_TITLE = 24;
const LONGEST_VALUE = 20;
const TIGHT = 13;
/** From the inner edge of a lane to its texts: there is the node. */
const LABEL_INSET = 2 * RADIUS + 15;

/**
 * Draw the box of an app or Page; tokens and codes have none.
 *
 * @param {Lane} lane
 */
export function laneMark({ x, y, width, height, band }) {
  return band !== "between" && svg("rect", { class: "graph-lane", x, y, width, height, rx: 6 });
}

/**
 * Write the name of an app or Page on its box.
 *
 * @param {Lane} lane
 */
export function laneTitle({ x, y, width, height, band, isTight, title }) {
  if (band === "between") return null;
  const inner = isTight ? 10 : width - LABEL_INSET;
  const place = {
    x: band === "apps" ? x + inner : x + width - inner,
    y: isTight ? y + height / 2 : y + 13,
    "text-anchor": (band === "apps") === isTight ? "start" : "end",
  };
  const text = short(title, isTight ? TIGHT : LONGEST_TITLE);
  return svg("text", { class: "lane-title", "dominant-baseline": "central", ...place }, text);
}

/**
 * Draw a node with its id.
 *
 * @param {GraphNode} node
 * @param {boolean} isTight
 */
export function nodeMark(node, isTight) {
  const { className } = memberKind(node.id);
  return svg(
    "g",
    {
      class: `graph-node ${className}`,
      "data-id": node.id,
      role: "button",
      tabindex: "-1",
      "aria-label": nodeWords(node),
      "aria-pressed": "false",
      transform: `translate(${node.x} ${node.y})`,
    },
    svg("title", null, node.id),
    svg("circle", { class: "node-halo", r: RADIUS + 4 }),
    ...shapeMarks(node.id),
    nodeLabel(node, isTight),
  );
}

/**
 * @param {GraphNode} node
 * @param {boolean} isTight
 */
function nodeLabel(node, isTight) {
  const { kind, value } = node.member;
  const places = {
    apps: { x: -RADIUS - 10, y: 0, "text-anchor": "end" },
    pages: { x: RADIUS + 10, y: 0, "text-anchor": "start" },
    between: { x: 0, y: RADIUS + 12, "text-anchor": "middle" },
  };
  const text = node.band === "between" ? `${kind} ${short(value, 12)}` : shortValue(value, isTight);
  return svg("text", { class: "node-label", "dominant-baseline": "central", ...places[node.band] }, text);
}

/**
 * @param {string} value
 * @param {boolean} isTight
 */
function shortValue(value, isTight) {
  return short(value, isTight ? TIGHT : LONGEST_VALUE);
}

/**
 * Draw a line; several proofs of it are told by their number.
 *
 * @param {GraphLine} line
 * @param {{d: string, middle: Point}} way
 */
export function lineMark(line, { d, middle }) {
  const { className } = evidenceKind(line.proofs[0]?.kind ?? "");
  return svg(
    "g",
    {
      class: `graph-line ${className}`,
      "data-id": line.id,
      role: "button",
      tabindex: "-1",
      "aria-label": lineWords(line),
      "aria-pressed": "false",
    },
    svg("title", null, lineWords(line)),
    svg("path", { class: "line-reach", d }),
    svg("path", { class: "line-way", d }),
    line.proofs.length > 1 && badge(line.proofs.length, middle),
  );
}

/**
 * @param {number} many
 * @param {Point} middle
 */
function badge(many, { x, y }) {
  const half = 7 + 3 * String(many).length;
  return svg(
    "g",
    { class: "line-count", transform: `translate(${x} ${y})` },
    svg("rect", { x: -half, y: -8, width: 2 * half, height: 16, rx: 8 }),
    svg("text", { "text-anchor": "middle", "dominant-baseline": "central" }, `×${many}`),
  );
}

/**
 * Say of a node what is seen of it.
 *
 * @param {GraphNode} node
 */
export function nodeWords(node) {
  const { words } = memberKind(node.id);
  const { kind, value, asset, first_seen_ms: seen } = node.member;
  const place = asset === undefined ? "" : ` of ${kind === "page" ? "Page" : "app"} ${asset}`;
  const proofs = node.lines.reduce((sum, line) => sum + line.proofs.length, 0);
  const since = seen === undefined ? "" : `, first seen ${atText(seen)}`;
  return `${words} ${value}${place}, ${count(proofs, "proof")}${since}`;
}

/**
 * Say of a line what is seen of it.
 *
 * @param {GraphLine} line
 */
export function lineWords({ a, b, proofs }) {
  const names = [...new Set(proofs.map((proof) => evidenceKind(proof.kind).name))];
  return `${count(proofs.length, "proof")} between ${a.id} and ${b.id}: ${names.join(", ")}`;
}
