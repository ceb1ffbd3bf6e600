// @ts-check
/** What a step of a history says. */

import { count, evidenceKind, short } from "../../words.js";
import { assetWords, eventKind, reasonOf, refusalWords, verdictWords } from "../telling/events.js";

/** @typedef {import("./stage.js").Step} Step */
/** @typedef {import("./stage.js").Event} Event */

/**
 * Tell a step in a sentence.
 *
 * @param {Step} step
 */
export function sentence({ entry }) {
  const { event, gained, lost, joined } = entry;
  const because = `because ${reasonOf(event)}`;
  switch (event.type) {
    case "created":
      return `A person is seen for the first time, ${because}.`;
    case "linked":
      return `${count(gained.length, "id")} came to the person, ${because}.`;
    case "merged":
      return `${joined.length ? `${joined.map((name) => short(name, 14)).join(" and ")} ended in this person` : "Persons became one"}, ${because}.`;
    case "split":
      return `${count(lost.length, "id")} left the person, ${because}.`;
    case "erased":
      return `${forgotten(lost.length)} forgotten, ${because}.`;
    default:
      return aside(event);
  }
}

/**
 * How many it were is not told of ids that are nobody's any more.
 *
 * @param {number} lost
 */
function forgotten(lost) {
  if (lost === 0) return "Something was";
  return `${count(lost, "id")} ${lost === 1 ? "was" : "were"}`;
}

/**
 * What changes nobody.
 *
 * @param {Event} event
 */
function aside(event) {
  const ban = event.bans?.[0];
  const decision = event.decisions?.[0];
  switch (event.type) {
    case "quarantined":
      return `A proof was put in quarantine (${evidenceKind(event.evidence[0]?.kind ?? event.reason).words}): ${ban ? "a ban keeps the two apart" : "it contradicts what counts before it"}.`;
    case "refused":
      return event.refusal ? refusalWords(event.refusal) : "A link was refused.";
    case "banned":
      return `An operator banned two ids from being one person.`;
    case "unbanned":
      return `An operator lifted the ban of two ids.`;
    case "decided":
      return `An operator ${verdictWords(decision?.verdict ?? event.reason)}.`;
    case "epoch-changed":
      return event.ownership
        ? `The business ${event.ownership.owned ? "gained" : "lost"} ${assetWords(event.ownership.asset)}.`
        : "An app or Page changed hands.";
    default:
      return `${eventKind(event.type).name}, because ${reasonOf(event)}.`;
  }
}

/**
 * Who said so, and why, where somebody did.
 *
 * @param {Event} event
 */
export function authorOf({ bans, decisions }) {
  const said = decisions?.[0] ?? bans?.[0];
  return said ? { author: said.author, reason: said.reason } : null;
}
