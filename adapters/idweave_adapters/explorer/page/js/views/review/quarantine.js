// @ts-check
/** Proofs that do not count, because they contradict others. */

import { el, link } from "../../dom.js";
import { EVIDENCE_KINDS, at, evidenceKind, laneOf, memberOf, short } from "../../words.js";
import { causeText, verdictWords } from "../telling/events.js";
import { commands } from "./commands.js";
import { caseOf, facts, more, onOpening, side, sides } from "./parts.js";

/** @typedef {import("../../main.js").Context} Context */
/** @typedef {import("../../draw/model.js").Proof} Proof */
/** @typedef {{proof: Proof, persons: (string | null)[], rivals: string[][]}} Waiting */

const WAYS = [
  {
    words: "Accept: these proofs come before all others; what contradicts them goes into quarantine instead.",
    command: ["quarantine", "accept"],
  },
  {
    words: "Reject: these proofs leave the quarantine and do not count, those learned later included.",
    command: ["quarantine", "reject"],
  },
];

/**
 * @param {Context} context
 * @returns {import("./listing.js").Listing<Waiting> & {kinds: [string, string][]}}
 */
export function quarantine(context) {
  return {
    path: "/v1/quarantine",
    kinds: Object.entries(EVIDENCE_KINDS).map(([kind, { name }]) => [kind, name]),
    kindOf: ({ proof }) => proof.kind,
    row: (item) => row(context, item),
    empty:
      "Nothing is in quarantine: no proof would give one person two ids of one app or Page, or join two ids that are banned from being one person.",
  };
}

/**
 * @param {Context} context
 * @param {Waiting} item
 */
function row(context, { proof, persons, rivals }) {
  const { routeTo, may } = context;
  const [one, two] = persons;
  return caseOf(
    title(rivals),
    el("p", null, sentence(proof, rivals)),
    sides(side(context, proof.a, one), evidenceKind(proof.kind).name, side(context, proof.b, two)),
    facts({ at_ms: proof.at_ms, cause: proof.cause }),
    more(
      may("explain") && link(routeTo.why(proof.a, proof.b), "Why the two are apart"),
      may("read") && onOpening("Evidence of both sides", () => bothSides(context, persons)),
      may("explain") && onOpening("What was said about the two", () => saidAbout(context, proof)),
      commands([proof.a, proof.b], WAYS),
    ),
  );
}

/** @param {string[][]} rivals */
function title(rivals) {
  const [first] = rivals;
  if (!first) return "It would join two that are kept apart";
  const { kind } = memberOf(first[0] ?? "");
  return kind === "token" ? "One person would have two business tokens" : `One person would have two ids of ${laneOf(first[0] ?? "").title}`;
}

/**
 * @param {Proof} proof
 * @param {string[][]} rivals
 */
function sentence(proof, rivals) {
  const { words } = evidenceKind(proof.kind);
  const says = `The proof says that the two are one person (${words}).`;
  if (rivals.length === 0) return `${says} It does not count: a ban keeps ids of the two persons apart.`;
  const twice = rivals.map(([mine, yours]) => `${mine} and ${yours}`).join("; ");
  return `${says} It does not count: one person would have ${twice}. What speaks against it is older, or was accepted by an operator.`;
}

/**
 * @param {Context} context
 * @param {(string | null)[]} persons
 */
async function bothSides({ ask }, persons) {
  const known = persons.filter((name) => name !== null);
  const answers = await Promise.all(known.map((name) => ask(`/v1/persons/${encodeURIComponent(name)}`)));
  return answers.map(({ person }) => evidenceTable(person));
}

/** @param {{id: string, members: unknown[], evidence: Proof[]}} person */
function evidenceTable({ id, members, evidence }) {
  const caption = `Evidence of ${short(id, 18)}, who has ${members.length} ${members.length === 1 ? "id" : "ids"}`;
  if (evidence.length === 0) return el("p", null, `${caption}: none; it was seen by itself.`);
  const heads = ["One", "Other", "Kind", "Learned", "Caused by"];
  const table = el(
    "table",
    { class: "data" },
    el("caption", null, caption),
    el("thead", null, el("tr", null, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", null, evidence.map(proofRow)),
  );
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, table);
}

/** @param {Proof} proof */
function proofRow(proof) {
  const cells = [proof.a, proof.b, evidenceKind(proof.kind).name, at(proof.at_ms), causeText(proof.cause)];
  return el("tr", null, cells.map((cell) => el("td", null, cell)));
}

/**
 * @param {Context} context
 * @param {Proof} proof
 */
async function saidAbout({ ask }, proof) {
  const found = await ask("/v1/why", { one: proof.a, two: proof.b });
  const bans = (found.bans ?? []).map((/** @type {any} */ ban) =>
    told(ban, `${ban.a} and ${ban.b} may not be one person`),
  );
  const decisions = found.decisions.map((/** @type {any} */ each) =>
    told(each, `${each.a} and ${each.b}: an operator ${verdictWords(each.verdict)}`),
  );
  const all = [...bans, ...decisions];
  return [all.length ? el("ul", null, all) : el("p", null, "Nothing: no ban and no decision is known.")];
}

/**
 * @param {{at_ms: number, author: string, reason: string}} said
 * @param {string} words
 */
function told({ at_ms, author, reason }, words) {
  // Texts of people may run from right to left, so each is kept to itself.
  return el("li", null, `${words}. `, el("bdi", null, author), ", ", at(at_ms), ": ", el("q", null, el("bdi", null, reason)));
}
