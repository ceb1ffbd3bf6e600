// @ts-check
/** The links to the views, and whose key this is. */

import { el, link, replace } from "../dom.js";
import { routeTo } from "../routes.js";

/** @typedef {import("../routes.js").Route} Route */

const ENTRIES = [
  { words: "Search", verb: "read", to: () => routeTo.search(), view: "search" },
  { words: "Overview", verb: "overview", to: routeTo.overview, view: "overview" },
  { words: "Review", verb: "review", to: routeTo.quarantine, view: "review" },
];

/** @type {Record<string, () => string>} */
const LISTS = {
  quarantine: routeTo.quarantine,
  refusals: routeTo.refusals,
  decisions: routeTo.decisions,
  erasures: routeTo.erasures,
};

/**
 * Offer the views that the key is for.
 *
 * @param {HTMLElement} place
 * @param {string[]} verbs
 * @param {Route} route the one that is shown
 */
export function offerViews(place, verbs, route) {
  const mine = ENTRIES.filter((entry) => verbs.includes(entry.verb));
  replace(
    place,
    mine.map(({ words, to, view }) =>
      link(to(), words, { "aria-current": route.view === view ? "page" : null }),
    ),
  );
  place.hidden = mine.length === 0;
}

/**
 * Return where a key begins that may not search; null: it is for no view at all.
 *
 * @param {string[]} verbs
 */
export function startOf(verbs) {
  return ENTRIES.find((entry) => verbs.includes(entry.verb))?.to() ?? null;
}

/**
 * Offer the businesses of the key, and to sign out.
 *
 * @param {Element} place
 * @param {string[]} businesses
 * @param {string} chosen
 * @param {{onBusiness: (name: string) => void, onEnd: () => void}} actions
 */
export function offerSession(place, businesses, chosen, { onBusiness, onEnd }) {
  replace(
    place,
    businesses.length > 1
      ? chooser(businesses, chosen, onBusiness)
      : el("span", { class: "business" }, "Business ", el("b", null, chosen)),
    el("button", { type: "button", class: "quiet", onclick: onEnd }, "Sign out"),
  );
}

/**
 * Return where to go in another business: to the same list or overview, and from a person,
 * who is nobody there, to the search.
 *
 * @param {Route} route what is shown now
 */
export function elsewhere({ view, parts }) {
  const list = view === "review" ? LISTS[parts[0] ?? ""] : undefined;
  const entry = ENTRIES.find((each) => each.view === view);
  return (list ?? entry?.to ?? routeTo.search)();
}

/**
 * @param {string[]} businesses
 * @param {string} chosen
 * @param {(name: string) => void} onBusiness
 */
function chooser(businesses, chosen, onBusiness) {
  const options = businesses.map((name) =>
    el("option", { value: name, selected: name === chosen }, name),
  );
  const choice = el("select", { onchange: () => onBusiness(choice.value) }, options);
  return el("label", { class: "inline business" }, "Business ", choice);
}
