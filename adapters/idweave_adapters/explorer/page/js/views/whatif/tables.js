// @ts-check
/** The answer as tables: equal to both graphs, and more. */

import { el } from "../../dom.js";
import { evidenceKind, memberKind, short } from "../../words.js";
import { proofSentence } from "../telling/proofs.js";

/** @typedef {import("./compare.js").Comparison} Comparison */

/** @type {Record<import("./compare.js").Standing, string>} */
const STANDINGS = { holds: "counts", waits: "in quarantine", none: "is not there" };

/**
 * Tell whose each id is, before and after.
 *
 * @param {Comparison} comparison
 * @param {{kept: string[], given: string[]}} answer
 */
export function idTable({ ids }, { kept, given }) {
  const rows = ids.map(({ id, before, after }) =>
    el(
      "tr",
      null,
      el("th", { scope: "row" }, el("span", { class: "id" }, id)),
      el("td", null, memberKind(id).words),
      el("td", null, person(before)),
      el("td", null, person(after)),
      el("td", null, movement(before, after, new Set([...kept, ...given]))),
    ),
  );
  return table("Ids before and after", ["Id", "Kind", "Person before", "Person after", "What happens"], rows);
}

/**
 * @param {string | null} before
 * @param {string | null} after
 * @param {Set<string>} living
 */
function movement(before, after, living) {
  if (after === null) return "is forgotten";
  if (before === null) return "is new";
  if (before === after) return "stays";
  return living.has(before) ? "leaves" : "moves, its person ends";
}

/**
 * Tell how each proof counts, before and after; those that change come first.
 *
 * @param {Comparison} comparison
 */
export function proofTable({ proofs }) {
  const rows = proofs.map(({ proof, before, after }) =>
    el(
      "tr",
      null,
      el("th", { scope: "row" }, proofSentence(proof)),
      el("td", null, evidenceKind(proof.kind).name),
      el("td", null, STANDINGS[before]),
      el("td", null, before === after ? STANDINGS[after] : el("strong", null, STANDINGS[after])),
    ),
  );
  return table("Proofs before and after", ["Proof", "Kind", "Before", "After"], rows);
}

/**
 * @param {string} caption
 * @param {string[]} columns
 * @param {HTMLElement[]} rows
 */
function table(caption, columns, rows) {
  const head = columns.map((column) => el("th", { scope: "col" }, column));
  const body = rows.length ? rows : [el("tr", null, el("td", { colspan: columns.length }, "There is none."))];
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", { class: "data" }, el("caption", { class: "unseen" }, caption), el("thead", null, el("tr", null, head)), el("tbody", null, body)),
  );
}

/** @param {string | null} id */
function person(id) {
  return id === null ? "nobody" : el("span", { class: "id", title: id }, short(id, 14));
}
