// @ts-check
/** One step of a history: what happened, and who was whom afterwards. */

import { el, link, replace } from "../../dom.js";
import { at, evidenceKind, memberKind, memberText, short } from "../../words.js";
import { fact } from "../review/parts.js";
import { causeText, eventKind } from "../telling/events.js";
import { drawStep } from "./drawing.js";
import { authorOf, sentence } from "./words.js";

/** @typedef {import("./stage.js").Step} Step */
/** @typedef {import("../../words.js").Member} Member */
/** @typedef {import("../../main.js").Context} Context */

/** Tokens are longer than a line; the table has them whole. */
const LONG = 60;

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
  if (step.persons.length > 0) drawStep(drawing, step, context);
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
    event.evidence.length > 0 && fact("Evidence", el("ul", { class: "plain" }, event.evidence.map(proofItem))),
    fact("Caused by", causeText(event.cause)),
  );
}

/** @param {import("../../draw/model.js").Proof} proof */
function proofItem({ kind, a, b }) {
  const [one, two] = [a, b].map((end) => el("span", { class: "id", title: end }, short(end, LONG)));
  return el("li", null, `${evidenceKind(kind).name}: `, one, " and ", two);
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
    el("caption", { class: "unseen" }, caption),
    el("thead", null, el("tr", null, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", null, rows, gone),
  );
  const region = { class: "scroll", tabindex: 0, role: "region", "aria-label": caption };
  return el("div", { class: "part" }, el("h3", null, caption), el("div", region, table));
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
  const id = may("read") ? link(routeTo.id(text), text) : text;
  const signs = { came: "+ came", went: "− went", "": "" };
  return el(
    "tr",
    { class: what && `is-${what}` },
    el("th", { scope: "row", class: "id" }, id),
    el("td", { class: className }, words),
    el("td", { class: "id", title: person }, person ? short(person, 14) : "–"),
    el("td", null, member.first_seen_ms === undefined ? "" : at(member.first_seen_ms)),
    el("td", null, signs[what]),
  );
}
