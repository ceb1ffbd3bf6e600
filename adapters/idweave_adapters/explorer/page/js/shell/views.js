// @ts-check
/** Which views there are, and which verb each needs. */

import { Problem } from "../api.js";

/**
 * @typedef {object} View
 * @property {string} verb
 * @property {() => Promise<{show: (place: Element, route: import("../routes.js").Route,
 *   context: import("../main.js").Context) => Promise<string>}>} load
 */

/** @type {Record<string, View>} */
const VIEWS = {
  search: { verb: "read", load: () => import("../views/search.js") },
  person: { verb: "read", load: () => import("../views/person.js") },
  id: { verb: "read", load: () => import("../views/person.js") },
  why: { verb: "explain", load: () => import("../views/why.js") },
  history: { verb: "explain", load: () => import("../views/history.js") },
  whatif: { verb: "explain", load: () => import("../views/whatif.js") },
  overview: { verb: "overview", load: () => import("../views/overview.js") },
  review: { verb: "review", load: () => import("../views/review.js") },
};

/**
 * @param {string} name as a route says it
 * @returns {View | null} null: there is none of that name
 */
export function viewOf(name) {
  return Object.hasOwn(VIEWS, name) ? (VIEWS[name] ?? null) : null;
}

/**
 * Load a view's module; the browser keeps it for the next time.
 *
 * @param {View} view
 * @throws {Problem} it can't be had any more
 */
export async function loaded(view) {
  try {
    return await view.load();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // a fault in the module itself
    throw new Problem(0, "This view can't be loaded", "The server was renewed, or is away: load the page again.");
  }
}
