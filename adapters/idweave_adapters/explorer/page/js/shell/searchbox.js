// @ts-check
/** The box in the header that takes any id. */

import { el, replace } from "../dom.js";
import { routeTo } from "../routes.js";

/**
 * @param {HTMLElement} place
 * @param {{go: (hash: string) => void, announce: (text: string) => void, mayRead: boolean}} context
 */
export function offerSearch(place, { go, mayRead }) {
  place.hidden = !mayRead;
  const field = el("input", { type: "search", "aria-label": "Any id", autocomplete: "off" });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    go(routeTo.search(field.value.trim()));
  };
  replace(place, el("form", { onsubmit }, field));
}
