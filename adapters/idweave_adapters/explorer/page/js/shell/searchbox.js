// @ts-check
/** The box in the header that takes any id, with suggestions while one types. */

import { ask, session } from "../api.js";
import { el, replace } from "../dom.js";
import { resolve, routeOf } from "./finding.js";
import { Suggestions } from "./suggestions.js";
import { count } from "../words.js";

const PAUSE_MS = 150;
const MOST = 8;

/**
 * @typedef {object} Box
 * @property {(hash: string) => void} go
 * @property {(text: string) => void} announce
 * @property {boolean} mayRead whether the key may search at all
 */

/**
 * Put the box into *place*; without the right to search it stays away.
 *
 * @param {HTMLElement} place
 * @param {Box} box
 */
export function offerSearch(place, box) {
  place.hidden = !box.mayRead;
  if (box.mayRead) replace(place, form(box));
}

/** @param {Box} box */
function form({ go, announce }) {
  const field = input();
  const leave = (/** @type {string} */ hash) => {
    list.close();
    field.value = "";
    go(hash);
  };
  const list = new Suggestions(field, (item) => leave(routeOf(item)));
  const look = suggester(list, announce);
  field.addEventListener("input", () => look(field.value.trim()));
  field.addEventListener("keydown", (event) => list.key(event));
  field.addEventListener("blur", () => list.close());
  const onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const { chosen } = list;
    const text = field.value.trim();
    look(""); // what is still asked comes too late
    if (chosen) leave(routeOf(chosen));
    else if (text) await follow(text, leave);
  };
  shortcut(field);
  return el("form", { class: "searchbox", onsubmit }, label(), field, list.element);
}

/**
 * Lead to what a text names, unless somebody went elsewhere meanwhile.
 *
 * @param {string} text
 * @param {(hash: string) => void} leave
 */
async function follow(text, leave) {
  const { hash } = location;
  const { key } = session;
  const found = await resolve(text);
  if (location.hash === hash && session.key === key) leave(found);
}

function input() {
  return el("input", {
    type: "search",
    id: "any-id",
    role: "combobox",
    placeholder: "Any id",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: "600",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "suggestions",
    "aria-keyshortcuts": "Control+K",
  });
}

function label() {
  return el("label", { class: "unseen", for: "any-id" }, "Search for any id");
}

/**
 * Return what asks for suggestions once nothing was typed for a moment.
 *
 * @param {Suggestions} list
 * @param {(text: string) => void} announce
 * @returns {(text: string) => void} an empty text takes back what was asked
 */
function suggester(list, announce) {
  let asking = new AbortController();
  let timer = 0;
  const look = async (/** @type {string} */ q, /** @type {AbortSignal} */ signal) => {
    try {
      const { items } = await ask("/v1/search", { q, limit: MOST }, { signal });
      list.show(items, q);
      announce(items.length ? count(items.length, "suggestion") : "No suggestions");
    } catch {
      if (!signal.aborted) list.close(); // a submit tells what is wrong
    }
  };
  return (q) => {
    clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    if (q) timer = setTimeout(() => void look(q, signal), PAUSE_MS);
    else list.close();
  };
}

/** @type {AbortController | null} */
let listening = null;

/**
 * Let Ctrl-K, or Cmd-K, lead to the field from everywhere.
 *
 * @param {HTMLInputElement} field
 */
function shortcut(field) {
  listening?.abort();
  listening = new AbortController();
  const lead = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    field.focus();
    field.select();
  };
  document.addEventListener("keydown", lead, { signal: listening.signal });
}
