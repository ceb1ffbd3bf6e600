// @ts-check
/** What shapes and lines of a graph mean: those that it has, and no others. */

import { el, svg } from "../dom.js";
import { evidenceKind, memberKind } from "../words.js";
import { kindSign } from "./sign.js";

/** @typedef {import("./model.js").GraphModel} GraphModel */

/**
 * Explain what *model* shows.
 *
 * @param {GraphModel} model
 * @param {import("./graph.js").GraphParts} parts what stands out, and why
 * @returns {HTMLUListElement}
 */
export function legend(model, parts) {
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
    standing(parts),
  );
}

/** @param {string} kind */
function kindItem(kind) {
  return el("li", null, kindSign(`${kind}:`), memberKind(`${kind}:`).words);
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

/** @param {import("./graph.js").GraphParts} parts */
function standing({ lit, litWords, gone, goneWords = "falls away", added, addedWords = "new" }) {
  const has = (/** @type {Iterable<string> | undefined} */ ids) => ids !== undefined && [...ids].length > 0;
  return [
    has(lit) && litWords && lineItem("is-lit", [litWords]),
    has(gone) && lineItem("is-gone", [goneWords]),
    has(added) && lineItem("is-added", [addedWords]),
  ];
}
