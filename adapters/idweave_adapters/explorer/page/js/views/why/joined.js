// @ts-check
/** Why two ids are one person: a sentence, and the proofs on the way from one to the other. */

import { el, link } from "../../dom.js";
import { drawGraph } from "../../draw/graph.js";
import { lineId } from "../../draw/model.js";
import { count, evidenceKind } from "../../words.js";
import { decisionItems } from "./said.js";
import { selectedRoute } from "../person/selection.js";
import { brokenText } from "../person/tables.js";
import { proofFacts, proofSentence } from "../telling/proofs.js";

/** @typedef {import("../../main.js").Context} Context */

/** @typedef {{from: string, to: string, because: string, proof: import("../../draw/model.js").Proof}} Step */

/**
 * Show why, with the way lit in the graph of the person.
 *
 * @param {any} why the answer of `/v1/why`
 * @param {import("../person/person.js").Person | null} person null: the key may not see it
 * @param {Context} context
 * @returns {Node[]}
 */
export function joined(why, person, context) {
  const [one, two] = why.ids;
  const sentence = el("p", { class: "verdict" }, sentenceParts(one, two, why.chain));
  const steps = el("ol", { class: "steps" }, why.chain.map(step));
  const graph = el("section", { class: "person-graph", "aria-label": "Graph with the way lit" });
  if (person) drawWay(graph, why, person, context);
  return [
    sentence,
    el("p", null, "They are ", link(context.routeTo.person(why.person), el("span", { class: "id" }, why.person)), "."),
    ...(person ? [graph] : []),
    ...(why.chain.length ? [el("h2", null, `The way: ${count(why.chain.length, "step")}`), steps] : []),
    ...decisionItems(why.decisions),
  ];
}

/**
 * @param {string} one
 * @param {string} two
 * @param {Step[]} chain
 */
function sentenceParts(one, two, chain) {
  if (!chain.length) return [brokenText(one), " is one and the same id."];
  const reasons = chain.flatMap((each, number) => [betweenWords(number, chain.length), ...reason(each, number)]);
  return [brokenText(one), " and ", brokenText(two), " are one person, because ", ...reasons, "."];
}

/**
 * @param {number} number
 * @param {number} many
 */
function betweenWords(number, many) {
  if (number === 0) return "";
  return number === many - 1 ? ", and " : ", ";
}

/**
 * @param {Step} step
 * @param {number} number
 */
function reason({ from, to, proof }, number) {
  const words = number === 0 ? " belong together" : " do";
  return [brokenText(from), " and ", brokenText(to), `${words} (${evidenceKind(proof.kind).words})`];
}

/** @param {Step} step */
function step({ from, to, proof }) {
  return el(
    "li",
    null,
    el("p", { class: "step-ends" }, brokenText(from), " → ", brokenText(to)),
    el("p", null, proofSentence(proof)),
    el("dl", { class: "facts" }, proofFacts(proof)),
  );
}

/**
 * @param {Element} place
 * @param {any} why
 * @param {import("../person/person.js").Person} person
 * @param {Context} context
 */
function drawWay(place, why, person, context) {
  const select = (/** @type {string} */ id) => context.go(selectedRoute(person.id, id, context));
  /** @type {Step[]} */
  const chain = why.chain;
  drawGraph(place, {
    members: person.members,
    proofs: person.evidence,
    name: "Graph of the person with the way between the two ids lit",
    lit: [...why.ids, ...chain.flatMap(({ from, to }) => [from, to, lineId(from, to)])],
    litWords: "the way",
    onNode: select,
    onProof: (_proofs, line) => select(line),
  });
}
