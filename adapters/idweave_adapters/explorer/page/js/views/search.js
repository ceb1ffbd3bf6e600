// @ts-check
/** What a text found. */

import { el, link, replace } from "../dom.js";

/**
 * @param {Element} place
 * @param {import("../routes.js").Route} route
 * @param {import("../main.js").Context} context
 * @returns {Promise<string>}
 */
export async function show(place, route, { ask, routeTo }) {
  const q = route.query["q"] ?? "";
  const found = q ? await ask("/v1/search", { q }) : await ask("/v1/persons");
  const items = found.items.map((/** @type {{id: string, person?: string}} */ { id, person }) =>
    el("li", null, link(person ? routeTo.id(id) : routeTo.person(id), id)),
  );
  replace(place, el("h1", null, "Search"), el("ul", null, items));
  return "Search";
}
