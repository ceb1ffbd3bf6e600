// @ts-check
/** Refusals, bans, decisions and erasures: what was told, each as a case. */

import { el, link } from "../../dom.js";
import { assetWords, refusalWords, verdictWords } from "../telling/events.js";
import { caseOf, fact, facts, more, side, sides } from "./parts.js";

/** @typedef {import("../../main.js").Context} Context */
/** @typedef {import("../../words.js").Member} Member */
/** @typedef {{topic: string, partition: number, offset: number}} Cause */
/** @typedef {{a: string, b: string, at_ms: number, author: string, reason: string, verdict: string, cause: Cause}} Said */
/**
 * @typedef {object} Told as the API tells an event
 * @property {string} type
 * @property {number} at_ms
 * @property {Cause} cause
 * @property {string} [about] the person of the first
 * @property {string} [other] the person of the second
 * @property {{id: string}} [person]
 * @property {{reason: string, subject: Member, other: {kind: string, id: string}}} [refusal]
 * @property {Said[]} [bans]
 * @property {Said[]} [decisions]
 */
/** @typedef {{what: string, asset: {kind: string, id: string} | null, subject: string | null, at_ms: number, ids: number, reason: string, receipt: string | null, cause: Cause}} Erasure */

/** @type {[string, string][]} */
const REFUSALS = [
  ["foreign-asset", "app or Page of another business"],
  ["foreign-credential", "credential of another business"],
  ["unowned-asset", "between two owners"],
  ["unknown-asset", "of no known owner"],
  ["stale-epoch", "ownership that is over"],
];

/** @type {[string, string][]} */
const DECISIONS = [
  ["banned", "bans"],
  ["unbanned", "bans lifted"],
  ["link", "links by hand"],
  ["reject", "rejections (unlink)"],
  ["accept", "acceptances"],
  ["reopen", "cases reopened"],
];

/** @type {[string, string][]} */
const ERASURES = [
  ["erase-id", "single ids"],
  ["erase-person", "whole persons"],
  ["erase-asset", "apps and Pages"],
];

/**
 * @param {Context} context
 * @returns {import("./listing.js").Listing<Told> & {kinds: [string, string][]}}
 */
export function refusals(context) {
  return {
    path: "/v1/refusals",
    kinds: REFUSALS,
    kindOf: ({ refusal }) => refusal?.reason ?? "",
    row: (event) => refusalCase(context, event),
    empty: "No link was refused: nothing would have crossed the boundary of the business.",
  };
}

/**
 * @param {Context} context
 * @returns {import("./listing.js").Listing<Told> & {kinds: [string, string][]}}
 */
export function decisions(context) {
  return {
    path: "/v1/decisions",
    kinds: DECISIONS,
    kindOf: ({ type, decisions: told }) => (type === "decided" ? (told?.[0]?.verdict ?? "") : type),
    row: (event) => decisionCase(context, event),
    empty: "Nobody has decided anything: there is no ban, no link by hand, and no word on a quarantine.",
  };
}

/** @returns {import("./listing.js").Listing<Erasure> & {kinds: [string, string][]}} */
export function erasures() {
  return {
    path: "/v1/erasures",
    kinds: ERASURES,
    kindOf: ({ what }) => what,
    row: erasureCase,
    empty: "Nothing was erased.",
  };
}

/**
 * @param {Context} context
 * @param {Told} event
 */
function refusalCase(context, { at_ms, cause, about, refusal }) {
  if (!refusal) return caseOf("A link was refused", facts({ at_ms, cause }));
  const { subject, other } = refusal;
  const asset = el(
    "div",
    { class: "side side-outside" },
    el("span", { class: "side-kind" }, other.kind === "page" ? "Page" : "App"),
    el("span", { class: "side-id" }, other.id),
    el("span", { class: "side-person" }, "whose id was not kept"),
  );
  return caseOf(
    `A link with ${assetWords(other)} was refused`,
    el("p", null, refusalWords(refusal)),
    sides(side(context, subject, about, "then of"), "not linked", asset),
    facts({ at_ms, cause }),
  );
}

/**
 * @param {Context} context
 * @param {Told} event
 */
function decisionCase(context, { type, bans, decisions: told, about, other, cause }) {
  const said = type === "decided" ? told?.[0] : bans?.[0];
  if (!said) return caseOf("Something was decided");
  const { a, b, at_ms, author, reason } = said;
  const [title, sentence] = wordsOf(type, said);
  return caseOf(
    title,
    el("p", null, sentence),
    sides(side(context, a, about, "then of"), "and", side(context, b, other, "then of")),
    facts({ at_ms, cause, author, reason }),
    context.may("explain") &&
      more(link(context.routeTo.why(a, b), "Why the two are one person, or are not")),
  );
}

/** @type {Record<string, string>} */
const VERDICT_TITLES = {
  link: "Linked by hand",
  reject: "Proofs rejected",
  accept: "Proofs accepted",
  reopen: "Case reopened",
};

/**
 * @param {string} type
 * @param {Said} said
 * @returns {[string, string]}
 */
function wordsOf(type, { verdict }) {
  if (type === "banned") return ["Banned", "An operator said that these two may not be one person, whatever proves it."];
  if (type === "unbanned") return ["Ban lifted", "An operator said that these two may be one person again, if there is evidence."];
  return [VERDICT_TITLES[verdict] ?? verdict, `An operator ${verdictWords(verdict)}.`];
}

/** @param {Erasure} erasure */
function erasureCase({ what, asset, subject, at_ms, ids, receipt, cause, reason }) {
  const whose = asset ? assetWords(asset) : what === "erase-person" ? "a whole person" : "an id";
  const forgotten = ids === 1 ? "1 id was forgotten" : `${ids} ids were forgotten`;
  const known = facts({ at_ms, cause });
  if (subject) known.append(fact("Keyed hash", subject));
  if (receipt) known.append(fact("Receipt", receipt));
  if (reason && reason !== "requested") known.append(fact("Reason", reason));
  return caseOf(
    `Erasure of ${whose}`,
    el("p", null, `${forgotten}, with all that was learned through ${ids === 1 ? "it" : "them"}. Which, this audit does not say.`),
    known,
  );
}
