// @ts-check
/** Why two ids are two persons: what would join them, and what keeps them apart. */

import { el, link } from "../../dom.js";
import { drawGraph } from "../../draw/graph.js";
import { lineId } from "../../draw/model.js";
import { at, laneOf, memberText } from "../../words.js";
import { selectedRoute } from "../person/selection.js";
import { brokenText } from "../person/tables.js";
import { causeText, refusalWords } from "../telling/events.js";
import { proofFacts, proofSentence } from "../telling/proofs.js";
import { banItems, decisionItems } from "./said.js";

/** @typedef {import("../../main.js").Context} Context */
/** @typedef {import("../person/person.js").Person} Person */
/** @typedef {{proof: import("../../draw/model.js").Proof, rivals: [string, string][]}} Clash */

/**
 * Show what keeps two persons apart, and both of them in one graph.
 *
 * @param {any} why the answer of `/v1/why`
 * @param {Person[]} persons empty: the key may not see them
 * @param {Context} context
 * @returns {Node[]}
 */
export function apart(why, persons, context) {
  const [one, two] = why.ids;
  const graph = el("section", { class: "person-graph", "aria-label": "Graph of both persons" });
  if (persons.length) drawBoth(graph, why, persons, context);
  return [
    el("p", { class: "verdict" }, brokenText(one), " and ", brokenText(two), ` are two persons: ${summary(why)}.`),
    el("p", null, person(one, why.persons[0], context), ", and ", person(two, why.persons[1], context), "."),
    ...(persons.length ? [graph] : []),
    ...banItems(why.bans),
    ...decisionItems(why.decisions),
    ...clashItems(why.quarantined),
    ...refusedItems(why.refused),
  ];
}

/** @param {any} why */
function summary({ bans, decisions, quarantined, refused }) {
  const reasons = [
    bans.length > 0 && "they are banned from being one",
    decisions.length > 0 && "it was decided so",
    quarantined.some((/** @type {Clash} */ each) => each.rivals.length > 0) &&
      "what would join them contradicts what is known",
    refused.length > 0 && "a link between them was refused",
  ].filter(Boolean);
  return reasons.length ? reasons.join("; ") : "nothing that is known joins them";
}

/**
 * @param {string} id
 * @param {string} name
 * @param {Context} context
 */
function person(id, name, { routeTo }) {
  return el("span", null, brokenText(id), " is ", link(routeTo.person(name), el("span", { class: "id" }, name)));
}

/** @param {Clash[]} clashes */
function clashItems(clashes) {
  if (!clashes.length) return [];
  const items = clashes.map(({ proof, rivals }) =>
    el(
      "li",
      null,
      el("p", null, proofSentence(proof)),
      rivals.length > 0 && el("p", null, rivals.map(rivalText).join(" ")),
      el("dl", { class: "facts" }, proofFacts(proof)),
    ),
  );
  const hint = "These proofs would join the two, and count for nothing until somebody decides.";
  return [el("h2", null, "In quarantine"), el("p", { class: "hint" }, hint), el("ul", { class: "reasons" }, items)];
}

/** @param {[string, string]} rival */
function rivalText([mine, yours]) {
  const { key, title } = laneOf(mine);
  const whose = key === "token" ? "The person would have two business tokens" : `${title} would know the person by two ids`;
  return `${whose}: ${mine} and ${yours}.`;
}

/** @param {any[]} refused */
function refusedItems(refused) {
  if (!refused.length) return [];
  const items = refused.map(({ refusal, at_ms: ms, cause }) =>
    el(
      "li",
      null,
      el("p", null, refusalWords(refusal)),
      el("p", { class: "hint" }, at(ms), ", ", causeText(cause)),
    ),
  );
  return [el("h2", null, "Refused"), el("ul", { class: "reasons" }, items)];
}

/**
 * Both persons in one drawing: rivals share a lane, and proofs that do not count are dotted.
 *
 * @param {Element} place
 * @param {any} why
 * @param {Person[]} persons
 * @param {Context} context
 */
function drawBoth(place, why, persons, context) {
  /** @type {Clash[]} */
  const clashes = why.quarantined;
  const kept = persons.flatMap((each) => each.evidence);
  const lines = clashes.map(({ proof }) => lineId(proof.a, proof.b));
  const open = (/** @type {string} */ id) => {
    const owner = persons.find((each) => each.members.some((member) => memberText(member) === id));
    if (owner) context.go(selectedRoute(owner.id, id, context));
  };
  drawGraph(place, {
    members: persons.flatMap((each) => each.members),
    proofs: [...kept, ...clashes.map(({ proof }) => proof)],
    name: "Graph of both persons; dotted lines do not count",
    gone: lines,
    goneWords: "does not count",
    onNode: open,
    onProof: ([proof]) => open(proof?.a ?? ""),
    lit: [...why.ids, ...lines, ...clashes.flatMap(({ proof, rivals }) => [proof.a, proof.b, ...rivals.flat()])],
  });
}
