// @ts-check
/** What an identity event that would come says, in a sentence. */

import { count, short } from "../../words.js";
import { eventKind, reasonOf } from "../telling/events.js";

/**
 * @typedef {object} Told an event, as the API tells it
 * @property {string} id
 * @property {string} type
 * @property {string} reason
 * @property {{id: string, members: unknown[], absorbed: string[]}} [person]
 * @property {string} [other]
 * @property {{kind: string, a: string, b: string}[]} evidence
 */

/**
 * Say what an event says.
 *
 * @param {Told} event
 */
export function eventSentence(event) {
  const say = SENTENCES[event.type];
  return say ? say(event) : `${eventKind(event.type).name}: ${reasonOf(event)}.`;
}

/** @type {Record<string, (event: Told) => string>} */
const SENTENCES = {
  created: (event) => `Person ${nameOf(event)} would come to be, with ${sizeOf(event)}.`,
  linked: (event) => `Person ${nameOf(event)} would gain ids, and have ${sizeOf(event)}.`,
  merged: (event) => `Persons would become one: ${nameOf(event)}, with ${sizeOf(event)}.`,
  split: (event) => `A person would fall apart: ${nameOf(event)} would have ${sizeOf(event)}.`,
  erased: erased,
  quarantined: quarantined,
  banned: () => "The ban would be on record.",
  unbanned: () => "The end of the ban would be on record.",
  decided: () => "The decision would be on record.",
};

/** @param {Told} event */
function erased(event) {
  if (event.person?.members.length) {
    return `Person ${nameOf(event)} would lose ids that nothing speaks for any more, and have ${sizeOf(event)}.`;
  }
  return `Person ${nameOf(event)} would be gone: nothing would speak for any of its ids.`;
}

/** @param {Told} event */
function quarantined(event) {
  const [proof] = event.evidence;
  const what = proof ? `The proof between ${proof.a} and ${proof.b} (${proof.kind})` : "A proof";
  return `${what} would go into quarantine, between persons ${nameOf(event)} and ${short(event.other ?? "?", 14)}.`;
}

/** @param {Told} event */
function nameOf({ person }) {
  return short(person?.id ?? "?", 14);
}

/** @param {Told} event */
function sizeOf({ person }) {
  return count(person?.members.length ?? 0, "id");
}
