// @ts-check
/** The person as tables: all that the graph shows, and what no line can. */

import { lineId } from "../../draw/model.js";
import { el, link } from "../../dom.js";
import { kindSign } from "../../draw/sign.js";
import { at, count, evidenceKind, laneOf, memberKind, memberOf, memberText, short } from "../../words.js";
import { causeText } from "../telling/events.js";
import { epochsText } from "../telling/proofs.js";
import { sortable } from "./sortable.js";

/** @typedef {import("../../words.js").Member} Member */
/** @typedef {import("../../draw/model.js").Proof} Proof */
/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./person.js").Person} Person */

/** Characters of an id in a table of proofs; the table of ids has all of them. */
const LONGEST = 40;

/**
 * Make the tables of members, proofs, and proofs in quarantine; the last two where there are
 * any. A row is chosen as its node or line is.
 *
 * @param {Person} person
 * @param {Selection} selection
 * @param {import("../../main.js").Context} context
 */
export function tables(person, selection, context) {
  const all = [members(person, selection)];
  if (person.evidence.length) all.push(proofs(person.evidence, selection));
  selection.onChange((id) => all.forEach((each) => each.select(id)));
  const quarantine = person.quarantined.length ? quarantined(person.quarantined, context) : null;
  return [...all.map((each) => each.element), quarantine];
}

/**
 * @param {Person} person
 * @param {Selection} selection
 */
function members(person, selection) {
  const degree = degrees(person.evidence);
  /** @type {import("./sortable.js").Column<Member>[]} */
  const columns = [
    { title: "Kind", value: (m) => memberKind(m).words, cell: kindCell },
    { title: "App or Page", value: (m) => (m.asset === undefined ? "" : laneOf(m).title) },
    { title: "Id", value: (m) => m.value, isHead: true },
    { title: "First seen", value: utc, cell: (m) => at(m.first_seen_ms ?? NaN) },
    { title: "Proofs", value: (m) => degree.get(memberText(m)) ?? 0, isNumber: true },
  ];
  return sortable({
    caption: `Ids (${person.members.length})`,
    columns,
    rows: person.members,
    keyOf: memberText,
    onRow: selection.picked,
  });
}

/**
 * @param {Proof[]} rows
 * @param {Selection} selection
 */
function proofs(rows, selection) {
  /** @type {import("./sortable.js").Column<Proof>[]} */
  const columns = [
    { title: "One id", value: (p) => p.a, cell: (p) => briefText(p.a), isHead: true },
    { title: "Other id", value: (p) => p.b, cell: (p) => briefText(p.b) },
    { title: "Proof", value: (p) => evidenceKind(p.kind).name, cell: proofCell },
    { title: "Learned", value: (p) => isoText(p.at_ms), cell: (p) => at(p.at_ms) },
    { title: "Epochs", value: (p) => p.epochs.join(", "), cell: epochsCell },
    { title: "Cause", value: (p) => causeText(p.cause), cell: causeCell },
  ];
  return sortable({
    caption: `Proofs (${rows.length})`,
    columns,
    rows,
    keyOf: (proof) => lineId(proof.a, proof.b),
    onRow: selection.picked,
  });
}

/**
 * @param {Proof[]} rows
 * @param {import("../../main.js").Context} context
 */
function quarantined(rows, context) {
  const items = rows.map((proof) =>
    el(
      "li",
      null,
      brokenText(proof.a),
      " and ",
      brokenText(proof.b),
      `: ${evidenceKind(proof.kind).words}, `,
      at(proof.at_ms),
      ". ",
      context.may("explain") && link(context.routeTo.why(proof.a, proof.b), "What keeps them apart"),
    ),
  );
  return el(
    "section",
    { class: "sheet", id: "quarantined" },
    el("h2", { tabindex: "-1" }, `In quarantine (${rows.length})`),
    el("p", { class: "hint" }, `${count(rows.length, "proof")} would have put two ids of one app or Page, or two that are banned, into one person, and count for nothing until somebody decides.`),
    el("ul", { class: "quarantined" }, items),
  );
}

/** @param {Member} member */
function kindCell(member) {
  return el("span", { class: "kind-cell" }, kindSign(member), memberKind(member).words);
}

/** @param {Proof} proof */
function proofCell({ kind }) {
  return el("span", { title: evidenceKind(kind).words }, evidenceKind(kind).name);
}

/** @param {Proof} proof */
function epochsCell(proof) {
  return el("span", { title: epochsText(proof) }, proof.epochs.join(", "));
}

/** @param {Proof} proof */
function causeCell({ cause: { topic, partition, offset } }) {
  return el("span", { class: "cause" }, topic, el("br"), `partition ${partition}, offset ${offset}`);
}

/**
 * A member's text, cut in the middle where it is very long.
 *
 * @param {string} id
 */
function briefText(id) {
  const shown = brokenText(id, LONGEST);
  if (id.length > LONGEST) shown.title = id;
  return shown;
}

/**
 * A member's text that may be broken behind the asset.
 *
 * @param {string} id
 * @param {number} [most] characters of what stands behind
 */
export function brokenText(id, most = Infinity) {
  const { kind, asset, value } = memberOf(id);
  const before = asset === undefined ? `${kind}:` : `${kind}:${asset}:`;
  return el("span", { class: "id" }, before, el("wbr"), short(value, most));
}

/** @param {Proof[]} evidence */
function degrees(evidence) {
  const degree = new Map();
  for (const end of evidence.flatMap((proof) => [proof.a, proof.b])) {
    degree.set(end, (degree.get(end) ?? 0) + 1);
  }
  return degree;
}

/** @param {Member} member */
function utc(member) {
  return member.first_seen_ms === undefined ? "" : isoText(member.first_seen_ms);
}

/** @param {number} ms */
function isoText(ms) {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? "" : time.toISOString();
}
