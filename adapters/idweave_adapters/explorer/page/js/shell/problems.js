// @ts-check
/** What is shown in the place of a view that can't be. */

import { el, replace } from "../dom.js";
import { routeTo } from "../routes.js";
import { entitle } from "./announcing.js";
import { forms } from "./forms.js";

/** @typedef {import("../api.js").Problem} Problem */

/** @type {Record<number, [title: string, what: string]>} */
const KNOWN = {
  403: ["Your key is not for this", "Ask whoever made it for one with more verbs."],
  404: [
    "Nobody here has that id",
    "It may be of another business, erased, or never seen: which of these is not told.",
  ],
  429: ["Too many questions at once", "Wait a few seconds."],
  503: ["Not ready yet", "The server is still reading the topics; try again in a moment."],
};

/**
 * Show why the API gave no answer.
 *
 * @param {Element} place
 * @param {Problem} problem
 * @param {() => void} again
 */
export function problem(place, problem, again) {
  const [title, what] = KNOWN[problem.status] ?? [problem.title, ""];
  const isUnknown = problem.status === 404;
  const retry = el("button", { type: "button", onclick: again }, "Try again");
  tell(place, title, [what, problem.detail], isUnknown ? [] : [retry]);
  if (isUnknown) place.append(el("h2", null, "What can be looked for"), forms());
}

/** @param {Element} place */
export function noView(place) {
  tell(place, "There is no such view", ["The link is not one that this page makes."]);
}

/**
 * @param {Element} place
 * @param {string} verb
 */
export function noVerb(place, verb) {
  tell(place, "Your key is not for this", [`It lacks the verb ${verb}.`]);
}

/**
 * @param {Element} place
 * @param {string[]} mine
 */
export function noBusiness(place, mine) {
  const has = mine.length ? `It is for ${mine.join(", ")}.` : "It is for none.";
  tell(place, "The link is for a business that your key is not for", [has]);
}

/** @param {Element} place */
export function fault(place) {
  tell(place, "This page has a fault", ["The browser's console says which. Load it again."]);
}

/**
 * @param {Element} place
 * @param {string} title
 * @param {string[]} texts
 * @param {Node[]} [actions]
 */
function tell(place, title, texts, actions = []) {
  entitle(title);
  replace(
    place,
    el("h1", null, title),
    texts.filter(Boolean).map((text) => el("p", null, text)),
    el(
      "p",
      { class: "actions" },
      actions,
      el("a", { class: "button", href: routeTo.search() }, "Search"),
    ),
  );
}
