// @ts-check
/** What one proof says, of whom, and whence it is known. */

import { el } from "../../dom.js";
import { at, evidenceKind, laneOf, memberOf } from "../../words.js";
import { causeText } from "./events.js";

/** @typedef {import("../../draw/model.js").Proof} Proof */

/** The kind of id that a lookup asked for. @type {Record<string, string>} */
const NAMED = {
  ids_for_apps: "app",
  ids_for_business: "app",
  pages_id_mapping: "app",
  ids_for_pages: "page",
};

/**
 * Say in a sentence what a proof says of its two ends; which one of them was asked about is
 * told as far as it can be known.
 *
 * @param {Proof} proof
 */
export function proofSentence(proof) {
  const { kind, a, b } = proof;
  if (kind in NAMED) return lookupSentence(proof);
  const [id, key] = memberOf(a).asset === undefined ? [b, a] : [a, b];
  switch (kind) {
    case "token_for_business":
      return `Meta gave ${id} the business token ${memberOf(key).value}.`;
    case "signed_request":
      return `A signed request that Meta had signed held ${id} together with ${key}.`;
    case "account_linking":
      return `${id} went through the account linking that is known as ${key}.`;
    case "manual":
      return `An operator said that ${a} and ${b} are one person.`;
    default:
      return `${a} and ${b}: ${evidenceKind(kind).words}.`;
  }
}

/** @param {Proof} proof */
function lookupSentence({ kind, a, b }) {
  const wanted = NAMED[kind];
  const verb = kind === "pages_id_mapping" ? "mapped it to" : "named";
  const isIt = (/** @type {string} */ id) => memberOf(id).kind === wanted;
  if (isIt(a) === isIt(b)) return `Asked about one of ${a} and ${b}, Meta ${verb} the other.`;
  const [named, asked] = isIt(a) ? [a, b] : [b, a];
  return `Asked about ${asked}, Meta ${verb} ${named}.`;
}

/**
 * The facts of a proof, for a `<dl>`.
 *
 * @param {Proof} proof
 * @returns {Node[]}
 */
export function proofFacts(proof) {
  return [
    ...fact("Kind", `${evidenceKind(proof.kind).name} (${proof.kind})`),
    ...fact("Learned", at(proof.at_ms)),
    ...fact("Ownership", epochsText(proof)),
    ...fact("Cause", el("span", { class: "id" }, causeText(proof.cause))),
  ];
}

/**
 * Say under which ownership a proof was made, in how many changes of owner.
 *
 * @param {Proof} proof
 */
export function epochsText({ a, b, epochs }) {
  const ends = [a, b].map((end, n) => [laneOf(end).title, memberOf(end).asset, epochs[n]]);
  const owned = ends.filter(([, asset]) => asset !== undefined);
  return owned.map(([title, , epoch]) => `${title} in epoch ${epoch}`).join(", ") || "of no asset";
}

/**
 * One row of a `<dl>`.
 *
 * @param {string} name
 * @param {Node | string | (Node | string)[]} value
 */
export function fact(name, value) {
  return [el("dt", null, name), el("dd", null, ...[value].flat())];
}
