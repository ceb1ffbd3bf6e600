// @ts-check
/** Who a person is, at a glance: name, size, age, and what to be careful about. */

import { copyButton } from "../../copying.js";
import { el, link } from "../../dom.js";
import { at, count, laneOf, memberKind, memberText } from "../../words.js";
import { fact } from "../telling/proofs.js";

/** @typedef {import("./person.js").Person} Person */
/** @typedef {import("../../main.js").Context} Context */

/** From this size on a person is told to be very large: few people use so many apps and Pages. */
const VERY_LARGE = 50;
/** How many proofs of a person are kept, unless more are needed to hold it together. */
const KEPT_PROOFS = 256;
const SHOWN_ABSORBED = 5;

/**
 * Make the head of a person's page.
 *
 * @param {Person} person
 * @param {string[]} trail from the id that was asked for to this person's
 * @param {Context} context
 * @returns {HTMLElement}
 */
export function header(person, trail, context) {
  const copy = copyButton(() => person.id, "Copy", "Copy the person id");
  return el(
    "div",
    { class: "person-head" },
    el(
      "div",
      { class: "person-title" },
      el("h1", null, "Person ", el("span", { class: "id" }, person.id)),
      copy,
      actions(person, context),
    ),
    warnings(person, trail),
    facts(person, context),
  );
}

/**
 * @param {Person} person
 * @param {Context} context
 */
function actions(person, { may, routeTo }) {
  const ways = [
    [routeTo.history(person.id), "History"],
    [routeTo.whatIf(person.id), "What if …"],
  ];
  const links = ways.map(([route = "", text = ""]) => link(route, text, { class: "button" }));
  return el("p", { class: "actions" }, may("explain") && links);
}

/**
 * @param {Person} person
 * @param {Context} context
 */
function facts(person, context) {
  const seen = person.members.map((member) => member.first_seen_ms ?? NaN).filter((ms) => ms >= 0);
  return el(
    "dl",
    { class: "person-facts" },
    box("Size", count(person.members.length, "id"), kindsText(person)),
    box("Touches", touchesText(person)),
    seen.length > 0 && box("Known since", at(Math.min(...seen))),
    box("Generation", String(person.generation), "grows with each change"),
    box("Absorbed", absorbed(person.absorbed, context)),
  );
}

/**
 * @param {string} name
 * @param {Node | string} value
 * @param {string} [more]
 */
function box(name, value, more) {
  return el("div", null, fact(name, [value, ...(more ? [el("div", { class: "hint" }, more)] : [])]));
}

/** @param {Person} person */
function kindsText({ members }) {
  const kinds = new Map();
  for (const { kind } of members) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const told = [...kinds].map(([kind, many]) => count(many, lowered(memberKind(`${kind}:`).words)));
  return told.join(", ");
}

/** @param {string} words */
function lowered(words) {
  return words.startsWith("Page") ? words : words.charAt(0).toLowerCase() + words.slice(1);
}

/** @param {Person} person */
function touchesText({ members }) {
  const of = (/** @type {string} */ kind) =>
    new Set(members.filter((member) => member.kind === kind).map((member) => member.asset)).size;
  return `${count(of("app"), "app")} and ${count(of("page"), "Page")}`;
}

/**
 * @param {string[]} names
 * @param {Context} context
 */
function absorbed(names, { may, routeTo }) {
  if (!names.length) return "no other person";
  const item = (/** @type {string} */ name) => {
    const shown = el("span", { class: "id" }, name);
    return el("li", null, may("explain") ? link(routeTo.history(name), shown) : shown);
  };
  const list = el("ul", { class: "plain" }, names.map(item));
  if (names.length <= SHOWN_ABSORBED) return list;
  return el("details", null, el("summary", null, count(names.length, "person")), list);
}

/**
 * @param {Person} person
 * @param {string[]} trail
 */
function warnings(person, trail) {
  const texts = [endedText(trail), ...doubleTexts(person), largeText(person), keptText(person)];
  return [
    ...texts.filter(Boolean).map((text) => el("p", { class: "notice" }, text)),
    person.quarantined.length > 0 && quarantineNotice(person.quarantined.length),
  ];
}

/** @param {string[]} trail */
function endedText(trail) {
  if (trail.length < 2) return "";
  return `${trail[0]} has ended. Whoever it was is this person now: ${trail.join(" → ")}.`;
}

/** @param {Person} person */
function doubleTexts({ members }) {
  const lanes = new Map();
  for (const member of members) {
    const { key, title } = laneOf(member);
    if (member.kind !== "code") lanes.set(key, { title, ids: [...(lanes.get(key)?.ids ?? []), memberText(member)] });
  }
  const doubled = [...lanes.values()].filter(({ ids }) => ids.length > 1);
  return doubled.map(({ title, ids }) => `${title} knows this person by ${ids.length} ids, and should by one: ${ids.join(", ")}.`);
}

/** @param {Person} person */
function largeText({ members }) {
  if (members.length < VERY_LARGE) return "";
  return (
    `This person is very large, with ${count(members.length, "id")}. Look whether several people were put ` +
    "together: at linking codes and at what was said by hand first."
  );
}

/** @param {Person} person */
function keptText({ evidence }) {
  if (evidence.length < KEPT_PROOFS) return "";
  return (
    "There may have been more proofs than are shown: of a person with very many, those are kept " +
    "that hold the ids together in several ways."
  );
}

/** @param {number} many */
function quarantineNotice(many) {
  const jump = () => {
    const heading = document.querySelector("#quarantined h2");
    if (heading instanceof HTMLElement) heading.focus();
  };
  return el(
    "p",
    { class: "notice" },
    `${count(many, "proof")} about this person ${many === 1 ? "is" : "are"} in quarantine. `,
    el("button", { type: "button", class: "quiet", onclick: jump }, "Show"),
  );
}
