// @ts-check
/** Changes that are supposed: their words, and how a permalink holds them. */

import { routeTo } from "../../routes.js";

/**
 * @typedef {object} Change
 * @property {string} action a key of `ACTIONS`
 * @property {string} one a member's text
 * @property {string} two
 */

/** What the API takes in one question. */
export const MOST = 20;

/** By the words of the API. @type {Record<string, {offer: string, done: (one: string, two: string) => string}>} */
export const ACTIONS = {
  link: action("Link two ids", (one, two) => `Link ${one} and ${two}`),
  unlink: action("Withdraw the proofs between two ids", (one, two) => `Withdraw the proofs between ${one} and ${two}`),
  ban: action("Ban two ids from being one person", (one, two) => `Ban ${one} and ${two} from being one person`),
  unban: action("Lift the ban of two ids", (one, two) => `Lift the ban of ${one} and ${two}`),
  accept: action("Accept the proofs in quarantine", (one, two) => `Accept the proofs between ${one} and ${two}`),
  reject: action("Reject the proofs in quarantine", (one, two) => `Reject the proofs between ${one} and ${two}`),
  reopen: action("End what was decided about two ids", (one, two) => `End what was decided about ${one} and ${two}`),
};

/**
 * Say what a change does.
 *
 * @param {Change} change
 */
export function changeWords({ action: name, one, two }) {
  return ACTIONS[name]?.done(one, two) ?? `${name} ${one} ${two}`;
}

/**
 * Read the changes of a permalink: three words each, as no id holds a blank. What is none
 * is left out.
 *
 * @param {string | undefined} text
 * @returns {Change[]}
 */
export function readChanges(text) {
  const words = (text ?? "").split(" ").filter(Boolean);
  const changes = [];
  for (let at = 0; at + 2 < words.length && changes.length < MOST; at += 3) {
    const [name = "", one = "", two = ""] = words.slice(at, at + 3);
    if (Object.hasOwn(ACTIONS, name)) changes.push({ action: name, one, two });
  }
  return changes;
}

/**
 * Make the permalink of a question.
 *
 * @param {string} person
 * @param {Change[]} changes
 * @returns {string} "#/…"
 */
export function linkOf(person, changes) {
  const [path = "", search = ""] = routeTo.whatIf(person).split("?");
  const query = new URLSearchParams(search);
  const words = changes.flatMap(({ action: name, one, two }) => [name, one, two]);
  if (words.length) query.set("suppose", words.join(" "));
  const all = query.toString();
  return all ? `${path}?${all}` : path;
}

/**
 * @param {string} offer
 * @param {(one: string, two: string) => string} done
 */
function action(offer, done) {
  return { offer, done };
}
