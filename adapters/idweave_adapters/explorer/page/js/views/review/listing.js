// @ts-check
/** A list that is read page by page, and of which only some is wanted. */

import { Problem } from "../../api.js";
import { el, replace } from "../../dom.js";
import { count } from "../../words.js";

/** @typedef {import("../../main.js").Context} Context */

const PAGE = 50;
/** A filter may pass over much: then pages are larger, */
const WIDE_PAGE = 500;
/** and one press of the button looks through so many of them at the most. */
const PAGES_AT_ONCE = 10;

/**
 * @template Item
 * @typedef {object} Listing
 * @property {string} path of the API
 * @property {(item: Item) => string} kindOf what the filter tells apart
 * @property {(item: Item) => HTMLLIElement} row
 * @property {string} empty what it means that there is none
 */

/**
 * Show what a list of the API holds, with a button for more.
 *
 * @template Item
 * @param {Element} place is filled
 * @param {Context} context
 * @param {Listing<Item>} listing
 * @param {string} only the kind that is wanted; empty: all
 * @param {() => boolean} isWanted whether the list is still to be shown once it is read
 * @returns {Promise<void>} the first page is shown
 */
export async function showList(place, context, listing, only, isWanted = () => true) {
  const rows = el("ol", { class: "cases" });
  const status = el("p", { class: "cases-status" });
  const more = el("button", { type: "button", onclick: () => void onMore() }, "Show more");
  /** @type {{cursor: string | null, seen: number, shown: number}} */
  const state = { cursor: "", seen: 0, shown: 0 };
  const told = () => settle({ rows, status, more }, state, listing.empty, only);
  const onMore = async () => {
    more.disabled = true;
    const first = rows.children.length;
    try {
      await further(context, listing, only, state, rows);
    } catch (error) {
      return failed(error, status, more);
    }
    context.announce(told());
    focusOn(rows.children[first]);
  };
  await further(context, listing, only, state, rows);
  if (!isWanted()) return;
  told();
  replace(place, rows, status, more);
}

/**
 * Read on until some of what is wanted was found.
 *
 * @template Item
 * @param {Context} context
 * @param {Listing<Item>} listing
 * @param {string} only
 * @param {{cursor: string | null, seen: number, shown: number}} state
 * @param {Element} rows
 */
async function further({ ask }, { path, kindOf, row }, only, state, rows) {
  const before = state.shown;
  const limit = only ? WIDE_PAGE : PAGE;
  for (let page = 0; page < PAGES_AT_ONCE; page += 1) {
    if (state.cursor === null || state.shown - before >= PAGE) return;
    const { items, next } = await ask(path, { limit, cursor: state.cursor });
    const wanted = items.filter((/** @type {Item} */ item) => !only || kindOf(item) === only);
    rows.append(...wanted.map(row));
    state.cursor = next;
    state.seen += items.length;
    state.shown += wanted.length;
    if (!only) return;
  }
}

/**
 * Say how much there is.
 *
 * @param {{rows: Element, status: Element, more: HTMLButtonElement}} parts
 * @param {{cursor: string | null, seen: number, shown: number}} state
 * @param {string} empty
 * @param {string} only
 */
function settle({ rows, status, more }, { cursor, seen, shown }, empty, only) {
  const isWhole = cursor === null;
  more.hidden = isWhole;
  more.disabled = false;
  /** @type {HTMLElement} */ (rows).hidden = shown === 0;
  const text = isWhole && seen === 0 ? empty : amount(seen, shown, isWhole, only);
  status.textContent = text;
  return text;
}

/**
 * Say that the rest could not be read; the button asks again.
 *
 * @param {unknown} error
 * @param {Element} status
 * @param {HTMLButtonElement} more
 */
function failed(error, status, more) {
  more.disabled = false;
  if (error instanceof Problem) status.textContent = unread(error);
  else if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
}

/**
 * Why a list could not be read, in a sentence.
 *
 * @param {Problem} problem
 */
export function unread({ title, detail }) {
  return `That could not be read: ${title}${detail ? ` (${detail})` : ""} Try again.`;
}

/**
 * @param {number} seen
 * @param {number} shown
 * @param {boolean} isWhole
 * @param {string} only
 */
function amount(seen, shown, isWhole, only) {
  const rest = isWhole ? "That is all." : "There is more.";
  if (!only) return `${count(shown, "entry", "entries")} shown. ${rest}`;
  return `${count(shown, "entry", "entries")} of this kind among ${count(seen, "entry", "entries")}. ${rest}`;
}

/** @param {Element | undefined} row */
function focusOn(row) {
  const target = row?.querySelector("h2");
  if (!target) return;
  target.tabIndex = -1;
  target.focus();
}
