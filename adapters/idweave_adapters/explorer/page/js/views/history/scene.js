// @ts-check
/** One step of a history: what happened, and who was whom afterwards. */

import { el, link, replace } from "../../dom.js";
import { drawGraph } from "../../draw/graph.js";
import { lineId } from "../../draw/model.js";
import { at, evidenceKind, memberKind, memberText, short } from "../../words.js";
import { fact } from "../review/parts.js";
import { causeText, eventKind } from "../telling/events.js";
import { authorOf, sentence } from "./words.js";

/** @typedef {import("./stage.js").Step} Step */
/** @typedef {import("../../words.js").Member} Member */
/** @typedef {import("../../main.js").Context} Context */

/**
 * Show a step in *place*, in the place of the one before.
 *
 * @param {Element} place
 * @param {Step} step
 * @param {Context} context
 */
export function showStep(place, step, context) {
  const { event } = step.entry;
  const drawing = el("div", { class: "step-graph" });
  replace(
    place,
    el("h2", null, eventKind(event.type).name),
    el("p", { class: "step-says" }, sentence(step)),
    event.redacted && el("p", { class: "notice" }, "Ids that are nobody's any more are left out: of what this told, only the rest is shown."),
    facts(step, context),
    step.persons.length ? drawing : el("p", { class: "notice" }, "After this nobody is left, or nobody of whom an id may be told."),
    step.persons.length > 0 && membersTable(step, context),
  );
  if (step.persons.length > 0) draw(drawing, step, context);
}

/**
 * @param {Step} step
 * @param {Context} context
 */
function facts({ entry, changed }, { routeTo, may }) {
  const { event, joined, released } = entry;
  const said = authorOf(event);
  const named = (/** @type {string} */ name) =>
    may("read") ? link(routeTo.person(name), short(name, 18), { title: name }) : short(name, 18);
  const several = (/** @type {string[]} */ names) =>
    el("span", null, names.flatMap((name, number) => [number > 0 && ", ", named(name)]));
  return el(
    "dl",
    { class: "case-facts" },
    fact("When", at(event.at_ms)),
    changed !== "" && fact("Person", several([changed])),
    joined.length > 0 && fact("Ended in it", several(joined)),
    released.length > 0 && fact("Their own again", several(released)),
    said && fact("By", said.author),
    said && fact("Reason given", said.reason),
    event.evidence.length > 0 && fact("Evidence", event.evidence.map(proofText).join("; ")),
    fact("Caused by", causeText(event.cause)),
  );
}

/** @param {import("../../draw/model.js").Proof} proof */
function proofText({ kind, a, b }) {
  return `${evidenceKind(kind).name}: ${a} and ${b}`;
}

/**
 * @param {Element} place
 * @param {Step} step
 * @param {Context} context
 */
function draw(place, { persons, proofs, came, learned, went, dropped }, { go, routeTo, may }) {
  drawGraph(place, {
    name: "Graph of the person after this step",
    members: [...persons.flatMap((person) => person.members), ...went.values()],
    proofs: [...proofs, ...dropped],
    added: [...came, ...learned],
    gone: [...went.keys(), ...dropped.map((proof) => lineId(proof.a, proof.b)).filter((line) => !isKept(line, proofs))],
    onNode: (member) => may("read") && !went.has(member) && go(routeTo.id(member)),
  });
}

/**
 * @param {string} line
 * @param {import("../../draw/model.js").Proof[]} proofs
 */
function isKept(line, proofs) {
  return proofs.some((proof) => lineId(proof.a, proof.b) === line);
}

/**
 * The same as a table: who was there, who came and who went.
 *
 * @param {Step} step
 * @param {Context} context
 */
function membersTable({ persons, came, went }, context) {
  const heads = ["Id", "Kind", "Person", "First seen", "In this step"];
  const rows = persons.flatMap((person) =>
    person.members.map((member) => memberRow(member, person.id, came.has(memberText(member)) ? "came" : "", context)),
  );
  const gone = [...went.values()].map((member) => memberRow(member, null, "went", context));
  const caption = "Ids after this step, and those that went by it";
  const table = el(
    "table",
    { class: "data step-members" },
    el("caption", null, caption),
    el("thead", null, el("tr", null, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", null, rows, gone),
  );
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, table);
}

/**
 * @param {Member} member
 * @param {string | null} person
 * @param {"came" | "went" | ""} what
 * @param {Context} context
 */
function memberRow(member, person, what, { routeTo, may }) {
  const text = memberText(member);
  const { words, className } = memberKind(member);
  const id = may("read") && what !== "went" ? link(routeTo.id(text), text) : text;
  const signs = { came: "+ came", went: "− went", "": "" };
  return el(
    "tr",
    { class: what && `is-${what}` },
    el("th", { scope: "row", class: "id" }, id),
    el("td", { class: className }, words),
    el("td", { title: person }, person ? short(person, 14) : "–"),
    el("td", null, member.first_seen_ms === undefined ? "" : at(member.first_seen_ms)),
    el("td", null, signs[what]),
  );
}
