// @ts-check
/** What operators said of two ids: bans and decisions, in words. */

import { el } from "../../dom.js";
import { at } from "../../words.js";
import { brokenText } from "../person/tables.js";
import { causeText, verdictWords } from "../telling/events.js";

/**
 * @typedef {object} Said
 * @property {string} a
 * @property {string} b
 * @property {number} at_ms
 * @property {string} author
 * @property {string} reason
 * @property {{topic: string, partition: number, offset: number}} cause
 * @property {string} [verdict]
 */

/**
 * Tell decisions that stand.
 *
 * @param {Said[]} decisions
 * @returns {Node[]} nothing where there are none
 */
export function decisionItems(decisions) {
  const items = decisions.map((told) => said(told, verdictWords(told.verdict ?? "")));
  return items.length ? [el("h2", null, "What was decided"), el("ul", { class: "reasons" }, items)] : [];
}

/**
 * Tell bans that stand.
 *
 * @param {Said[]} bans
 * @returns {Node[]}
 */
export function banItems(bans) {
  const items = bans.map((ban) => said(ban, "banned the two from being one person"));
  return items.length ? [el("h2", null, "Banned"), el("ul", { class: "reasons" }, items)] : [];
}

/**
 * @param {Said} told
 * @param {string} what
 */
function said({ a, b, at_ms: ms, author, reason, cause }, what) {
  return el(
    "li",
    null,
    el("p", { class: "step-ends" }, brokenText(a), " and ", brokenText(b)),
    el("p", null, el("bdi", null, author || "An operator"), ` ${what}`, reason && ": ", reason && el("q", null, reason), "."),
    el("p", { class: "hint" }, at(ms), ", ", causeText(cause)),
  );
}
