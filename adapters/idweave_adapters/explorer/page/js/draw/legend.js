// @ts-check
/** What shapes and lines of a graph mean: those that it has, and no others. */

import { el, svg } from "../dom.js";
import { evidenceKind, memberKind } from "../words.js";
import { SHAPES } from "./marks.js";

/** @typedef {import("./model.js").GraphModel} GraphModel */

/**
 * Explain what *model* shows.
 *
 * @param {GraphModel} model
 * @returns {HTMLUListElement}
 */
export function legend(model) {
  const kinds = [...new Set(model.nodes.map((node) => node.member.kind))];
  const proofs = [...new Set(model.lines.map((line) => line.proofs[0]?.kind ?? ""))].sort();
  const styles = new Map();
  for (const kind of proofs) {
    const { className, name } = evidenceKind(kind);
    styles.set(className, [...(styles.get(className) ?? []), name]);
  }
  return el(
    "ul",
    { class: "graph-legend", "aria-label": "Legend" },
    kinds.map(kindItem),
    [...styles].map(([className, names]) => lineItem(className, names)),
    model.lines.some((line) => line.proofs.length > 1) && countItem(),
  );
}

/** @param {string} kind */
function kindItem(kind) {
  const { className, shape, letter, words } = memberKind(`${kind}:`);
  const letterAt = { class: "node-letter", "text-anchor": "middle", "dominant-baseline": "central" };
  return el(
    "li",
    null,
    svg(
      "svg",
      { class: `legend-sign ${className}`, viewBox: "-13 -13 26 26", "aria-hidden": "true" },
      svg("path", { class: "node-shape", d: SHAPES[shape] }),
      svg("text", letterAt, letter),
    ),
    words,
  );
}

/**
 * @param {string} className
 * @param {string[]} names
 */
function lineItem(className, names) {
  return el(
    "li",
    null,
    svg(
      "svg",
      { class: `legend-line graph-line ${className}`, viewBox: "0 0 44 12", "aria-hidden": "true" },
      svg("path", { class: "line-way", d: "M1,6H43" }),
    ),
    names.join(", "),
  );
}

function countItem() {
  return el("li", null, el("span", { class: "legend-count", "aria-hidden": "true" }, "×2"), "several proofs");
}
