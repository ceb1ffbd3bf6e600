// @ts-check
/** What a text found; without a text what can be looked for, and all persons. */

import { el, link, replace } from "../dom.js";
import { marked, routeOf } from "../shell/finding.js";
import { forms } from "../shell/forms.js";
import { kindSign } from "../draw/sign.js";
import { count, laneOf, memberKind } from "../words.js";

/** @typedef {import("../main.js").Context} Context */
/** @typedef {import("../routes.js").Route} Route */
/** @typedef {import("../shell/finding.js").Hit} Hit */

/**
 * @param {Element} place
 * @param {Route} route
 * @param {Context} context
 * @returns {Promise<string>}
 */
export async function show(place, route, context) {
  const q = route.query["q"] ?? "";
  return q ? found(place, q, context) : all(place, context);
}

/**
 * @param {Element} place
 * @param {string} q
 * @param {Context} context
 */
async function found(place, q, context) {
  const first = await context.ask("/v1/search", { q });
  if (first.items.length === 0) return nobody(place, q);
  const row = (/** @type {Hit} */ hit) => hitRow(hit, q, context);
  replace(
    place,
    el("h1", null, "Ids that begin with ", el("q", null, q)),
    list(["Id", "What it is", "Person"], first, row, (cursor) =>
      context.ask("/v1/search", { q, cursor }), context),
  );
  context.announce(`${count(first.items.length, "id")}${first.next ? " and more" : ""}`);
  return `Search for ${q}`;
}

/**
 * @param {Element} place
 * @param {string} q
 */
function nobody(place, q) {
  replace(
    place,
    el("h1", null, "Nobody here has that id"),
    el("p", null, "No id of this business begins with ", el("q", null, q), ". It may be of another business, erased, or never seen: which of these is not told."),
    el("h2", null, "What can be looked for"),
    forms(),
  );
  return "Nothing found";
}

/**
 * @param {Element} place
 * @param {Context} context
 */
async function all(place, context) {
  const first = await context.ask("/v1/persons");
  const more = (/** @type {string} */ cursor) => context.ask("/v1/persons", { cursor });
  replace(
    place,
    el("h1", null, "Who is whom"),
    el("p", { class: "lead" }, "Put any id into the box above: the whole of it, or how it begins."),
    forms(),
    el("h2", null, "Persons"),
    first.items.length
      ? list(["Person", "#Ids", "#Changes"], first, (person) => personRow(person, context), more, context)
      : el("p", { class: "empty" }, "Nobody is known in this business yet."),
  );
  return "Search";
}

/**
 * A table that grows by a page each time more is asked for.
 *
 * @param {string[]} heads with a # before those of numbers
 * @param {{items: any[], next: string | null}} first
 * @param {(item: any) => Element} row
 * @param {(cursor: string) => Promise<{items: any[], next: string | null}>} more
 * @param {Context} context
 */
function list(heads, first, row, more, { announce, signal }) {
  const body = el("tbody", null, first.items.map(row));
  const told = el("p", { class: "fault", role: "alert" });
  let next = first.next;
  const go = el("button", { type: "button", hidden: next === null }, "Show more");
  const grow = async () => {
    go.disabled = true;
    try {
      const page = await more(/** @type {string} */ (next));
      announce(`${page.items.length} more`);
      next = page.next;
      append(body, page.items.map(row));
      replace(told);
    } catch (error) {
      if (!signal.aborted) replace(told, /** @type {Error} */ (error).message);
    }
    go.disabled = false;
    go.hidden = next === null;
  };
  go.addEventListener("click", () => void grow());
  const head = el("tr", null, heads.map(headOf));
  return el(
    "div",
    { class: "list" },
    el("table", { class: "data" }, el("thead", null, head), body),
    told,
    el("p", { class: "actions" }, go),
  );
}

/** @param {string} text */
function headOf(text) {
  const isNumber = text.startsWith("#");
  return el("th", { scope: "col", class: isNumber ? "number" : null }, text.replace("#", ""));
}

/**
 * Add rows, and lead to the first of them.
 *
 * @param {Element} body
 * @param {Element[]} rows
 */
function append(body, rows) {
  body.append(...rows);
  rows[0]?.querySelector("a")?.focus();
}

/**
 * @param {Hit} hit
 * @param {string} q
 * @param {Context} context
 */
function hitRow(hit, q, { routeTo }) {
  const { id, person } = hit;
  const isPerson = id.startsWith("p_");
  const what = isPerson ? (id === person ? "Person" : "Ended person id") : memberKind(id).words;
  const where = /^(app|page):/.test(id) ? laneOf(id).title : "";
  return el(
    "tr",
    null,
    el("td", null, el("a", { href: routeOf(hit), class: "id" }, marked(id, q))),
    el("td", null, isPerson ? null : kindSign(id), ` ${what} `, where && el("span", { class: "hint" }, where)),
    el("td", null, link(routeTo.person(person), person, { class: "id clip" })),
  );
}

/**
 * @param {{id: string, size: number, generation: number}} person
 * @param {Context} context
 */
function personRow({ id, size, generation }, { routeTo }) {
  return el(
    "tr",
    null,
    el("td", null, link(routeTo.person(id), id, { class: "id" })),
    el("td", { class: "number" }, size),
    el("td", { class: "number" }, generation),
  );
}
