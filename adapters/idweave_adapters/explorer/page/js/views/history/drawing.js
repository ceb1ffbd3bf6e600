// @ts-check
/** The graph of one step, and below it what was chosen in it. */

import { el, link, replace } from "../../dom.js";
import { drawGraph } from "../../draw/graph.js";
import { lineId } from "../../draw/model.js";
import { at, evidenceKind, memberKind, memberText } from "../../words.js";
import { causeText } from "../telling/events.js";

/** @typedef {import("./stage.js").Step} Step */
/** @typedef {import("../../draw/model.js").Proof} Proof */
/** @typedef {import("../../words.js").Member} Member */
/** @typedef {import("../../main.js").Context} Context */

/**
 * Draw who was whom after a step; what came is marked, what went is dotted.
 *
 * @param {Element} place
 * @param {Step} step
 * @param {Context} context
 */
export function drawStep(place, step, context) {
  const graph = el("div");
  const chosen = el("div", { class: "step-chosen", "aria-live": "polite" });
  const { choose } = questions(context);
  const drawing = drawGraph(graph, {
    ...partsOf(step),
    name: "Graph after this step",
    onNode: (member, event) => {
      if ("shiftKey" in event && event.shiftKey) return drawing.choose(choose(member));
      drawing.select(member);
      replace(chosen, chosenMember(member, step, context));
    },
    onProof: (proofs, line) => {
      drawing.select(line);
      replace(chosen, el("ul", { class: "plain" }, proofs.map(proofItem)));
    },
    onEscape: () => {
      drawing.select(null);
      replace(chosen);
    },
  });
  replace(place, graph, chosen);
}

/** @param {Step} step */
function partsOf({ persons, proofs, came, learned, went, dropped }) {
  const kept = new Set(proofs.map((proof) => lineId(proof.a, proof.b)));
  const broken = dropped.map((proof) => lineId(proof.a, proof.b)).filter((line) => !kept.has(line));
  return {
    members: [...persons.flatMap((person) => person.members), ...went.values()],
    proofs: [...proofs, ...dropped],
    added: [...came, ...learned],
    gone: [...went.keys(), ...broken],
  };
}

/**
 * Collect two ids, then ask why they are one person.
 *
 * @param {Context} context
 */
function questions({ go, routeTo, may, announce }) {
  /** @type {string[]} */
  let members = [];
  const choose = (/** @type {string} */ member) => {
    members = members.includes(member) ? members.filter((each) => each !== member) : [...members, member];
    const [one, two] = members;
    if (one && two && may("explain")) go(routeTo.why(one, two));
    else announce(`${members.length} chosen; two lead to the reasons why they are one person.`);
    return members;
  };
  return { choose };
}

/**
 * @param {string} member
 * @param {Step} step
 * @param {Context} context
 */
function chosenMember(member, { persons, went }, { routeTo, may }) {
  const known = persons.flatMap((person) => person.members).find((each) => memberText(each) === member) ?? went.get(member);
  const name = may("read") ? link(routeTo.id(member), member) : member;
  const seen = known?.first_seen_ms;
  return el(
    "p",
    null,
    `${memberKind(member).words} `,
    el("span", { class: "id" }, name),
    seen !== undefined && ", first seen ",
    seen !== undefined && at(seen),
    went.has(member) ? "; went in this step." : ".",
  );
}

/** @param {Proof} proof */
function proofItem({ kind, a, b, at_ms, cause }) {
  const { name, words } = evidenceKind(kind);
  return el("li", null, `${name}: ${words}. ${a} and ${b}, learned `, at(at_ms), ` from ${causeText(cause)}.`);
}
