// @ts-check
/** The person as tables: all that the graph shows, and what no line can. */

import { lineId } from "../../draw/model.js";
import { el, link } from "../../dom.js";
import { at, count, evidenceKind, laneOf, memberKind, memberOf, memberText } from "../../words.js";
import { causeText } from "../telling/events.js";
import { epochsText } from "../telling/proofs.js";
import { sortable } from "./sortable.js";

/** @typedef {import("../../words.js").Member} Member */
/** @typedef {import("../../draw/model.js").Proof} Proof */
/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./person.js").Person} Person */

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
    { title: "One id", value: (p) => p.a, cell: (p) => brokenText(p.a), isHead: true },
    { title: "Other id", value: (p) => p.b, cell: (p) => brokenText(p.b) },
    { title: "Proof", value: (p) => evidenceKind(p.kind).name, cell: proofCell },
    { title: "Learned", value: (p) => isoText(p.at_ms), cell: (p) => at(p.at_ms) },
    { title: "Ownership", value: epochsText },
    { title: "Cause", value: (p) => causeText(p.cause) },
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
  const { className, letter, words } = memberKind(member);
  const sign = el("span", { class: `kind-sign ${className}`, "aria-hidden": "true" }, letter);
  return el("span", { class: "kind-cell" }, sign, words);
}

/** @param {Proof} proof */
function proofCell({ kind }) {
  return el("span", { title: evidenceKind(kind).words }, evidenceKind(kind).name);
}

/**
 * A member's text that may be broken behind the asset.
 *
 * @param {string} id
 */
export function brokenText(id) {
  const { kind, asset, value } = memberOf(id);
  if (asset === undefined) return el("span", { class: "id" }, `${kind}:`, el("wbr"), value);
  return el("span", { class: "id" }, `${kind}:${asset}:`, el("wbr"), value);
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
