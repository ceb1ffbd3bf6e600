// @ts-check
/** What the cases of all lists are made of. */

import { el, link } from "../../dom.js";
import { at, memberKind, memberText, short } from "../../words.js";
import { causeText } from "../telling/events.js";

/** @typedef {import("../../main.js").Context} Context */
/** @typedef {import("../../words.js").Member} Member */
/** @typedef {import("../../draw/model.js").Proof} Proof */
/** @typedef {{topic: string, partition: number, offset: number}} Cause */

/**
 * One case of a list: what happened, who is concerned, when and why.
 *
 * @param {string} title
 * @param {...(Node | string | null | false)} parts
 * @returns {HTMLLIElement}
 */
export function caseOf(title, ...parts) {
  return el("li", { class: "case" }, el("h2", null, title), parts);
}

/**
 * One of the two sides of a case: a member, and whose they are.
 *
 * @param {Context} context
 * @param {Member | string} member
 * @param {string | null | undefined} person
 * @param {string} [of] "then of": whose they were
 */
export function side({ routeTo, may }, member, person, of = "of") {
  const kind = memberKind(member);
  const text = memberText(member);
  const read = may("read");
  const whose = person && (read ? link(routeTo.person(person), short(person, 18), { title: person }) : short(person, 18));
  return el(
    "div",
    { class: `side ${kind.className}` },
    el("span", { class: "side-kind" }, kind.words),
    el("span", { class: "side-id" }, read ? link(routeTo.id(text), text) : text),
    whose ? el("span", { class: "side-person" }, `${of} `, whose) : el("span", { class: "side-person" }, "person not known"),
  );
}

/**
 * Both sides, and what was between them.
 *
 * @param {Node} one
 * @param {string} between
 * @param {Node} two
 */
export function sides(one, between, two) {
  return el("div", { class: "sides" }, one, el("span", { class: "sides-between" }, between), two);
}

/**
 * What leads on from a case, in one row; what is opened takes a row of its own.
 *
 * @param {...(Node | string | null | false)} parts
 */
export function more(...parts) {
  return el("div", { class: "case-more" }, parts);
}

/**
 * When, by whom, why, and from which record.
 *
 * @param {object} facts
 * @param {number} facts.at_ms
 * @param {Cause} facts.cause
 * @param {string} [facts.author]
 * @param {string} [facts.reason] as its author wrote it
 */
export function facts({ at_ms, cause, author, reason }) {
  return el(
    "dl",
    { class: "case-facts" },
    fact("When", at(at_ms)),
    author !== undefined && fact("By", author || "nobody named"),
    reason !== undefined && fact("Reason given", reason || "none"),
    fact("Caused by", causeText(cause)),
  );
}

/**
 * @param {string} name
 * @param {Node | string} value
 */
export function fact(name, value) {
  return el("div", null, el("dt", null, name), el("dd", null, value));
}

/**
 * A part that is asked for only when somebody opens it.
 *
 * @param {string} title
 * @param {() => Promise<Node[]>} read
 */
export function onOpening(title, read) {
  const inside = el("div", { class: "opened" });
  const whole = el("details", null, el("summary", null, title), inside);
  let isRead = false;
  whole.addEventListener("toggle", async () => {
    if (!whole.open || isRead) return;
    isRead = true;
    inside.textContent = "Reading …";
    try {
      inside.replaceChildren(...(await read()));
    } catch {
      isRead = false; // closing and opening it asks again
      inside.textContent = "That could not be read. Close this and open it again.";
    }
  });
  return whole;
}
