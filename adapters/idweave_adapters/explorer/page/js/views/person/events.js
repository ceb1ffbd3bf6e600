// @ts-check
/** The events of a person that name an id or a line, read when they are asked for. */

import { el, replace } from "../../dom.js";
import { at, memberText } from "../../words.js";
import { causeText, eventKind, reasonOf } from "../telling/events.js";

/** @typedef {import("./panel.js").Desk} Desk */

/** Each event carries the whole person, so few at a time. */
const PAGE = 50;

/**
 * Offer the events that name something, for whoever may ask for a history.
 *
 * @param {Desk} desk
 * @param {(ids: Set<string>) => boolean} isMeant of the ids that an event is about
 */
export function eventsNaming({ person, context }, isMeant) {
  if (!context.may("explain")) return null;
  const list = el("ol", { class: "plain named" });
  const said = el("p", { class: "hint", role: "status" });
  /** @type {string | null} */
  let next = "";
  const more = async () => {
    button.disabled = true;
    const path = `/v1/persons/${encodeURIComponent(person.id)}/history`;
    const answer = await context.ask(path, { limit: PAGE, cursor: next });
    next = answer.next;
    const found = answer.items.filter((/** @type {Entry} */ entry) => isMeant(idsOf(entry)));
    list.append(...found.map(item));
    said.textContent = ending(list.childElementCount, next);
    button.disabled = false;
    button.hidden = next === null;
    button.textContent = "Read on";
  };
  const press = () => more().catch((/** @type {Error} */ error) => failed(said, error, context.signal));
  const button = el("button", { type: "button", onclick: press }, "Events that name it");
  return el("div", { class: "events" }, list, said, button);
}

/**
 * @typedef {object} Entry
 * @property {import("../../draw/model.js").Proof[]} [evidence]
 * @property {string[]} gained
 * @property {string[]} lost
 * @property {any} event
 */

/**
 * @param {Entry} entry
 * @returns {Set<string>}
 */
function idsOf({ event, gained, lost }) {
  const pairs = [...event.evidence, ...(event.bans ?? []), ...(event.decisions ?? [])];
  const refused = event.refusal ? [memberText(event.refusal.subject)] : [];
  return new Set([...gained, ...lost, ...refused, ...pairs.flatMap(({ a, b }) => [a, b])]);
}

/** @param {Entry} entry */
function item({ event }) {
  return el(
    "li",
    null,
    el("strong", null, eventKind(event.type).name),
    `: ${reasonOf(event)}`,
    el("div", { class: "hint" }, at(event.at_ms), ", ", el("span", { class: "id" }, causeText(event.cause))),
  );
}

/**
 * @param {number} found
 * @param {string | null} next
 */
function ending(found, next) {
  if (next !== null) return "There are later events that were not looked through yet.";
  return found ? "These are all." : "No event that is kept names it.";
}

/**
 * @param {Element} said
 * @param {Error} error
 * @param {AbortSignal} signal
 */
function failed(said, error, signal) {
  if (!signal.aborted) replace(said, `The events can't be read: ${error.message}`);
}
