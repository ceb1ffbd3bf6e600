// @ts-check
/** The side panel: all that is known of one node, or of one line. */

import { copyButton } from "../../copying.js";
import { el, link, replace } from "../../dom.js";
import { lineId } from "../../draw/model.js";
import { kindSign } from "../../draw/sign.js";
import { at, count, laneOf, memberKind, memberOf, memberText } from "../../words.js";
import { fact, proofFacts, proofSentence } from "../telling/proofs.js";
import { eventsNaming } from "./events.js";
import { brokenText } from "./tables.js";

/** @typedef {import("./person.js").Person} Person */
/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("../../draw/model.js").Proof} Proof */
/** @typedef {import("../../main.js").Context} Context */

/** @typedef {{person: Person, selection: Selection, context: Context}} Desk */

/**
 * Make the panel. It follows the selection; with nothing chosen it says what can be.
 *
 * @param {Desk} desk
 * @returns {{element: HTMLElement, enter: () => void}} `enter` moves the focus into it
 */
export function panel(desk) {
  const element = el("aside", { class: "panel card", "aria-label": "Evidence" });
  const fill = (/** @type {string | null} */ id) => {
    element.classList.toggle("is-empty", id === null);
    if (id === null) return replace(element, nothing(desk));
    const isLine = id.includes(" ");
    replace(element, close(desk), isLine ? lineParts(id, desk) : memberParts(id, desk));
  };
  desk.selection.onChange((id) => fill(id));
  fill(null);
  const enter = () => {
    const heading = element.querySelector("h2");
    if (heading instanceof HTMLElement) heading.focus();
  };
  return { element, enter };
}

/** @param {Desk} desk */
function nothing({ selection, context }) {
  const text = "Choose a node, a line or a row to see its evidence.";
  const why = "With Shift, or with “Choose for why”, two ids lead to the reasons why they are one person.";
  return [
    el("h2", { tabindex: "-1" }, "Evidence"),
    el("p", { class: "hint" }, text),
    context.may("explain") && el("p", { class: "hint" }, why),
    chosenNote(selection),
  ];
}

/** @param {Desk} desk */
function close({ selection }) {
  const text = { type: "button", class: "quiet panel-close", "aria-label": "Close the evidence" };
  return el("button", { ...text, onclick: () => selection.clear() }, "Close");
}

/**
 * @param {string} id
 * @param {Desk} desk
 */
function memberParts(id, desk) {
  const member = desk.person.members.find((each) => memberText(each) === id);
  const { words } = memberKind(id);
  const { asset, value } = memberOf(id);
  const about = desk.person.evidence.filter((proof) => proof.a === id || proof.b === id);
  const caught = desk.person.quarantined.filter((proof) => proof.a === id || proof.b === id);
  return [
    el("h2", { tabindex: "-1" }, words),
    el("p", { class: "panel-id" }, el("span", { class: "id" }, value), copyButton(() => id, "Copy", "Copy the id")),
    el(
      "dl",
      { class: "facts" },
      asset !== undefined && fact("Of", laneOf(id).title),
      fact("In full", brokenText(id)),
      fact("First seen", at(member?.first_seen_ms ?? NaN)),
    ),
    ...choosing(id, desk),
    el("h3", null, about.length ? `${count(about.length, "proof")}` : "No proof"),
    about.length === 0 && el("p", { class: "hint" }, "It was seen in an event, and nothing links it with another id."),
    ...about.map((proof) => proofCard(proof, desk, proof.a === id ? proof.b : proof.a)),
    caught.length > 0 && el("h3", null, `In quarantine: ${count(caught.length, "proof")}`),
    ...caught.map((proof) => caughtCard(proof, desk)),
    eventsNaming(desk, (ids) => ids.has(id)),
  ];
}

/**
 * @param {string} id
 * @param {Desk} desk
 */
function lineParts(id, desk) {
  const proofs = desk.person.evidence.filter((proof) => lineId(proof.a, proof.b) === id);
  const [one = "", two = ""] = id.split(" ");
  return [
    el("h2", { tabindex: "-1" }, `${count(proofs.length, "proof")} between two ids`),
    el("ul", { class: "plain ends" }, [one, two].map((end) => el("li", null, endButton(end, desk)))),
    ...choosing(id, desk),
    ...proofs.map((proof) => proofCard(proof, desk, null)),
    eventsNaming(desk, (ids) => ids.has(one) && ids.has(two)),
  ];
}

/**
 * @param {Proof} proof
 * @param {Desk} desk
 * @param {string | null} other the end to go to
 */
function proofCard(proof, desk, other) {
  return el(
    "article",
    { class: "proof" },
    el("p", null, proofSentence(proof)),
    el("dl", { class: "facts" }, proofFacts(proof)),
    other !== null && endButton(other, desk),
  );
}

/**
 * @param {Proof} proof
 * @param {Desk} desk
 */
function caughtCard(proof, { context }) {
  const route = context.routeTo.why(proof.a, proof.b);
  return el(
    "article",
    { class: "proof" },
    el("p", null, proofSentence(proof)),
    el("dl", { class: "facts" }, proofFacts(proof)),
    context.may("explain") && link(route, "What keeps them apart"),
  );
}

/**
 * @param {string} id
 * @param {Desk} desk
 */
function endButton(id, { selection }) {
  return el(
    "button",
    { type: "button", class: "end", onclick: (/** @type {Event} */ event) => selection.picked(id, event) },
    kindSign(id),
    brokenText(id),
  );
}

/**
 * @param {string} id
 * @param {Desk} desk
 */
function choosing(id, { selection, context }) {
  if (!context.may("explain")) return [];
  const [one = "", two] = id.split(" ");
  if (two !== undefined) {
    const route = context.routeTo.why(one, two);
    return [el("p", { class: "actions" }, link(route, "Why are they one person?", { class: "button" }))];
  }
  const isFirst = selection.first === id;
  const text = selection.first === null ? "Choose for why" : isFirst ? "Chosen for why" : "Why with the chosen id";
  const press = () => selection.forWhy(id);
  return [
    el("p", { class: "actions" }, el("button", { type: "button", class: "for-why", "aria-pressed": String(isFirst), onclick: press }, text)),
    chosenNote(selection),
  ];
}

/** @param {Selection} selection */
function chosenNote({ first }) {
  return first !== null && el("p", { class: "hint" }, "Chosen for why: ", brokenText(first), ". Choose another id.");
}
