// @ts-check
/** Why two ids are one person, or are not. */

import { el, replace } from "../dom.js";
import { apart } from "./why/apart.js";
import { whyForm } from "./why/form.js";
import { joined } from "./why/joined.js";

/** @typedef {import("../main.js").Context} Context */
/** @typedef {import("../routes.js").Route} Route */

/**
 * Show the reasons for two ids, and a form for any two.
 *
 * @param {Element} place
 * @param {Route} route `#/why/<id>/<id>`; with fewer ids the form alone
 * @param {Context} context
 * @returns {Promise<string>} the title
 */
export async function show(place, route, context) {
  const [one = "", two = ""] = route.parts;
  const title = el("h1", null, "Why one person, or two");
  const form = whyForm(one, two, context);
  const answer = el("div", { class: "why-answer" });
  replace(place, title, form, answer);
  if (!one || !two) {
    replace(answer, el("p", { class: "hint" }, "Put in two ids to see what makes them one person, or keeps them apart."));
    return "Why";
  }
  await answered(answer, one, two, context);
  return "Why";
}

/**
 * @param {Element} place
 * @param {string} one
 * @param {string} two
 * @param {Context} context
 */
async function answered(place, one, two, context) {
  const why = await told(context.ask("/v1/why", { one, two }));
  if (context.signal.aborted) return;
  if (typeof why === "string") return replace(place, el("p", { class: "notice bad", role: "alert" }, why));
  const names = why.one_person ? [why.person] : why.persons;
  const persons = await personsOf(names, context);
  if (context.signal.aborted) return;
  const parts = why.one_person ? joined(why, persons[0] ?? null, context) : apart(why, persons, context);
  replace(place, parts);
  context.announce(why.one_person ? "They are one person." : "They are two persons.");
}

/**
 * An id that is nobody's, or no id at all, is told beside the form, which has it still.
 *
 * @param {Promise<any>} asked
 */
async function told(asked) {
  try {
    return await asked;
  } catch (error) {
    const status = /** @type {{status?: number}} */ (error).status;
    if (status === 404) return "Nobody here has one of the two ids: it may be of another business, erased, or never seen.";
    if (status === 400) return "One of the two is no id: write app:<app>:<user>, page:<page>:<user>, token:<value> or code:<hash>.";
    throw error;
  }
}

/**
 * @param {string[]} names
 * @param {Context} context
 * @returns {Promise<import("./person/person.js").Person[]>}
 */
async function personsOf(names, { ask, may }) {
  if (!may("read")) return [];
  const answers = await Promise.all(names.map((name) => ask(`/v1/persons/${encodeURIComponent(name)}`)));
  return answers.map(({ person }) => person);
}
