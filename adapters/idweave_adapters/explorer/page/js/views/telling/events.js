// @ts-check
/** What identity events say, in words. */

import { evidenceKind } from "../../words.js";

/** @type {Record<string, {name: string, many: string}>} */
export const EVENT_KINDS = {
  created: kind("Created", "Persons created"),
  linked: kind("Linked", "Persons that gained ids"),
  merged: kind("Merged", "Merges"),
  split: kind("Split", "Splits"),
  erased: kind("Erased", "Erasures of ids"),
  quarantined: kind("Quarantined", "Proofs put in quarantine"),
  refused: kind("Refused", "Links refused"),
  banned: kind("Banned", "Bans"),
  unbanned: kind("Ban lifted", "Bans lifted"),
  decided: kind("Decided", "Decisions"),
  "epoch-changed": kind("Ownership changed", "Changes of ownership"),
};

/** @type {Record<string, string>} */
const REASONS = {
  sighted: "an id was seen in an event",
  requested: "an erasure was asked for",
  gained: "an app or Page came to the business",
  lost: "an app or Page left the business",
  ban: "two of the ids were banned from being one person",
  "lift-ban": "a ban was lifted",
  accept: "an operator accepted a proof",
  reject: "an operator rejected a proof",
  reopen: "an operator reopened what had been decided",
  link: "an operator linked two ids",
};

/** @type {Record<string, string>} */
const VERDICTS = {
  accept: "accepted the proofs between the two: what contradicts them gives way",
  reject: "rejected the proofs between the two: they do not count",
  reopen: "reopened the case: the proofs are weighed by age again",
  link: "linked the two: they are one person",
};

/**
 * Name a kind of event; an unknown one by itself.
 *
 * @param {string} type
 */
export function eventKind(type) {
  return EVENT_KINDS[type] ?? kind(type, type);
}

/**
 * Say why an event happened: "because …" goes on with it.
 *
 * @param {{type: string, reason: string}} event
 */
export function reasonOf({ type, reason }) {
  if (type === "erased" && reason === "account_linking") return "an account linking was ended";
  const own = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  return own ?? `it was proved: ${evidenceKind(reason).words}`;
}

/**
 * Say what a verdict does.
 *
 * @param {string} verdict
 */
export function verdictWords(verdict) {
  return VERDICTS[verdict] ?? verdict;
}

/**
 * Say why a link was refused.
 *
 * @param {{reason: string, other: {kind: string, id: string}}} refusal
 */
export function refusalWords({ reason, other }) {
  const asset = assetWords(other);
  switch (reason) {
    case "foreign-credential":
      return `Nothing was asked about ${asset}: the credential was made by an app of another business.`;
    case "foreign-asset":
      return `Meta's answer named ${asset}, which belongs to another business.`;
    case "unowned-asset":
      return `Meta's answer named ${asset}, which is between two owners.`;
    case "unknown-asset":
      return `Meta's answer named ${asset}, which nobody is known to own.`;
    case "stale-epoch":
      return `The link with ${asset} was proved under an ownership that is over.`;
    default:
      return `The link with ${asset} was refused: ${reason}.`;
  }
}

/**
 * Name an app or a Page.
 *
 * @param {{kind: string, id: string}} asset
 */
export function assetWords({ kind, id }) {
  return kind === "page" ? `Page ${id}` : `${kind} ${id}`;
}

/**
 * Where the record lies that everything here goes back to.
 *
 * @param {{topic: string, partition: number, offset: number}} cause
 */
export function causeText({ topic, partition, offset }) {
  return `${topic}, partition ${partition}, offset ${offset}`;
}

/**
 * @param {string} name
 * @param {string} many
 */
function kind(name, many) {
  return { name, many };
}
