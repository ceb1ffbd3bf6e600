// @ts-check
/** What things are called and how they look: one table for graph, table and text. */

import { el } from "./dom.js";

/**
 * @typedef {object} Member as the API tells it in `person.members`
 * @property {string} kind "app", "page", "token" or "code"
 * @property {string} [asset] of an app or Page
 * @property {string} value
 * @property {number} [first_seen_ms]
 */

/**
 * @typedef {object} MemberKind
 * @property {string} words "App-scoped id"
 * @property {string} letter what stands inside the shape
 * @property {"circle" | "square" | "diamond" | "triangle"} shape
 * @property {string} className "kind-app": sets `--kind` to the kind's colour
 */

/** @type {Record<string, MemberKind>} */
export const MEMBER_KINDS = {
  app: { words: "App-scoped id", letter: "A", shape: "circle", className: "kind-app" },
  page: { words: "Page-scoped id", letter: "P", shape: "square", className: "kind-page" },
  token: { words: "Business token", letter: "T", shape: "diamond", className: "kind-token" },
  code: { words: "Linking code", letter: "C", shape: "triangle", className: "kind-code" },
};

/**
 * @typedef {object} EvidenceKind
 * @property {string} words what such a proof says of its two ends
 * @property {string} name short, for a table or legend
 * @property {string} className "line-…": sets the dashes of a line
 */

/** @type {Record<string, EvidenceKind>} */
export const EVIDENCE_KINDS = {
  ids_for_apps: said("Meta named the app's id", "ids for apps", "line-answer"),
  ids_for_pages: said("Meta named the Page's id", "ids for Pages", "line-answer"),
  ids_for_business: said("Meta named the app's id", "ids for business", "line-answer"),
  pages_id_mapping: said("Meta mapped the app's id", "Pages id mapping", "line-answer"),
  token_for_business: said("Meta gave the id this business token", "business token", "line-token"),
  signed_request: said("a signed request held id and token", "signed request", "line-signed"),
  account_linking: said("account linking ended with this code", "account linking", "line-linking"),
  manual: said("an operator said so", "by hand", "line-manual"),
};

/**
 * Say what kind of member that is; an unknown kind has words and a look of its own.
 *
 * @param {Member | string} member a document or a text such as `app:10:777`
 * @returns {MemberKind}
 */
export function memberKind(member) {
  const { kind } = memberOf(member);
  return (
    MEMBER_KINDS[kind] ?? { words: kind, letter: "?", shape: "circle", className: "kind-other" }
  );
}

/**
 * Say what kind of proof that is.
 *
 * @param {string} kind "ids_for_pages"
 * @returns {EvidenceKind}
 */
export function evidenceKind(kind) {
  return EVIDENCE_KINDS[kind] ?? said(kind, kind, "line-other");
}

/**
 * Read a member's text; a document is returned as it is.
 *
 * @param {Member | string} member
 * @returns {Member}
 */
export function memberOf(member) {
  if (typeof member !== "string") return member;
  const [kind = "", rest = ""] = cut(member);
  if (kind !== "app" && kind !== "page") return { kind, value: rest };
  const [asset = "", value = ""] = cut(rest);
  return { kind, asset, value };
}

/**
 * Write a member as the API takes it: `app:<app>:<user>`, `token:<value>`, …
 *
 * @param {Member | string} member
 * @returns {string}
 */
export function memberText(member) {
  if (typeof member === "string") return member;
  const { kind, asset, value } = member;
  return asset === undefined ? `${kind}:${value}` : `${kind}:${asset}:${value}`;
}

/**
 * Say in which lane of a graph a member stands: one for each app and Page, one for tokens
 * and one for codes.
 *
 * @param {Member | string} member
 * @returns {{key: string, title: string}}
 */
export function laneOf(member) {
  const { kind, asset } = memberOf(member);
  if (kind === "app") return { key: `app:${asset}`, title: `App ${asset}` };
  if (kind === "page") return { key: `page:${asset}`, title: `Page ${asset}` };
  if (kind === "token") return { key: "token", title: "Business tokens" };
  if (kind === "code") return { key: "code", title: "Linking codes" };
  return { key: kind, title: kind };
}

/**
 * Shorten a long value in the middle; the whole one belongs into a title or a table.
 *
 * @param {string} id
 * @param {number} [most] characters
 */
export function short(id, most = 16) {
  const ends = Math.floor((most - 1) / 2);
  return id.length <= most ? id : `${id.slice(0, most - 1 - ends)}…${id.slice(-ends)}`;
}

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/**
 * Show a time as the reader's clock does; its title has it in UTC.
 *
 * @param {number} ms since 1970
 * @returns {HTMLElement}
 */
export function at(ms) {
  const time = new Date(ms);
  if (Number.isNaN(time.getTime())) return el("span", null, "unknown time");
  const utc = time.toISOString();
  return el("time", { datetime: utc, title: `${utc.replace("T", " ").replace("Z", "")} UTC` }, atText(ms));
}

/**
 * The same as plain text, for an announcement or an SVG.
 *
 * @param {number} ms since 1970
 */
export function atText(ms) {
  return LOCAL.format(new Date(ms));
}

const NUMBER = new Intl.NumberFormat();

/**
 * Write a number and what it counts: "1 id", "1,024 ids".
 *
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function count(number, one, many = `${one}s`) {
  return `${NUMBER.format(number)} ${number === 1 ? one : many}`;
}

/**
 * @param {string} words
 * @param {string} name
 * @param {string} className
 * @returns {EvidenceKind}
 */
function said(words, name, className) {
  return { words, name, className };
}

/** @param {string} text */
function cut(text) {
  const place = text.indexOf(":");
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}
