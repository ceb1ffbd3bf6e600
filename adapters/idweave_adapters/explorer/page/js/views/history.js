// @ts-check
/** How a person came to be: every event, step by step. */

import { el, link } from "../dom.js";
import { at, atText, count, short } from "../words.js";
import { player } from "./history/player.js";
import { showStep } from "./history/scene.js";
import { replayed, stepOf } from "./history/stage.js";
import { sentence } from "./history/words.js";
import { eventKind } from "./telling/events.js";

/** @typedef {import("../main.js").Context} Context */
/** @typedef {import("./history/stage.js").Moment} Moment */
/** @typedef {{person: import("./history/stage.js").Person, trail: string[], entries: import("./history/stage.js").Entry[], isWhole: boolean}} Told */

const PAGE = 200;
/** Events that are replayed at the most; a person of whom more is told is a collapse. */
const MOST = 2000;

/**
 * Show the history of a person at the step that the address names, else at the last.
 *
 * @param {Element} place
 * @param {import("../routes.js").Route} route
 * @param {Context} context
 * @returns {Promise<string>}
 */
export async function show(place, route, context) {
  const asked = route.parts[0] ?? "";
  const told = await read(asked, context);
  const { person, entries } = told;
  const title = `History of ${short(person.id, 14)}`;
  place.append(el("h1", null, "History of ", el("span", { class: "id", title: person.id }, short(person.id, 18))));
  place.append(lead(told, asked, context));
  if (entries.length === 0) {
    place.append(el("p", null, "No event of this person is kept any more: the topic of events does not reach back so far."));
    return title;
  }
  const steps = replayed(entries, new Set([person.id, ...person.absorbed]));
  timeline(place, steps, { asked, start: startOf(route.query["at"], steps.length) }, context);
  return title;
}

/**
 * @param {string} asked
 * @param {Context} context
 * @returns {Promise<Told>}
 */
async function read(asked, { ask }) {
  const path = `/v1/persons/${encodeURIComponent(asked)}/history`;
  /** @type {Told["entries"]} */
  const entries = [];
  for (let cursor = ""; ; ) {
    const { person, trail, items, next } = await ask(path, { limit: PAGE, cursor });
    entries.push(...items);
    if (next === null || entries.length >= MOST) return { person, trail, entries, isWhole: next === null };
    cursor = next;
  }
}

/**
 * Say who they are now, and by what names they went.
 *
 * @param {Told} told
 * @param {string} asked
 * @param {Context} context
 */
function lead({ person, trail, entries, isWhole }, asked, { routeTo, may }) {
  const isLeft = person.members.length > 0;
  const now = `${count(person.members.length, "id")} now, generation ${person.generation}`;
  return el(
    "div",
    { class: "history-lead" },
    trail.length > 1 && el("p", null, `${short(asked, 18)} has ended; what follows is of whoever stands for it now, by way of ${trail.map((name) => short(name, 14)).join(" → ")}.`),
    isLeft
      ? el("p", null, may("read") ? link(routeTo.person(person.id), "The person as they are") : "The person", `: ${now}.`)
      : el("p", { class: "notice" }, "Nothing is left of this person: their ids were erased, or are the business's no more. That there was somebody, and when, is told; who it was is not."),
    person.absorbed.length > 0 && absorbed(person.absorbed, { routeTo }),
    !isWhole && el("p", { class: "notice" }, `These are the first ${entries.length} events; there are more. idweave how tells all of them.`),
  );
}

/**
 * @param {string[]} names
 * @param {Pick<Context, "routeTo">} context
 */
function absorbed(names, { routeTo }) {
  const items = names.map((name) => el("li", null, link(routeTo.history(name), short(name, 18), { title: name })));
  return el("details", null, el("summary", null, `${count(names.length, "person")} ended in this one`), el("ul", { class: "absorbed" }, items));
}

/**
 * @param {Element} place
 * @param {Moment[]} steps
 * @param {{asked: string, start: number}} from
 * @param {Context} context
 */
function timeline(place, steps, { asked, start }, context) {
  const scene = el("section", { class: "step", "aria-label": "This step" });
  const items = steps.map((step, number) => item(step, number, (wanted) => controls.move(wanted)));
  const list = el("ol", { class: "told-events" }, items.map((button) => el("li", null, button)));
  let shown = -1;
  const onStep = (/** @type {number} */ number, /** @type {boolean} */ isToBeTold) => {
    if (number === shown) return;
    items[shown]?.removeAttribute("aria-current");
    items[number]?.setAttribute("aria-current", "step");
    const step = stepOf(/** @type {Moment} */ (steps[number]));
    showStep(scene, step, context);
    if (shown >= 0) {
      remember(number);
      if (isToBeTold) context.announce(`Step ${number + 1} of ${steps.length}. ${sentence(step)}`);
    }
    shown = number;
    reveal(list, items[number]);
  };
  const name = (/** @type {number} */ number) => {
    const event = steps[number]?.entry.event;
    return event ? `${eventKind(event.type).name}, ${atText(event.at_ms)}` : "";
  };
  const controls = player({ steps: steps.length, start, name, onStep, signal: context.signal });
  const side = el("section", { class: "told", "aria-label": "All events" }, el("h2", null, count(steps.length, "event")), list);
  place.append(el("div", { class: "timeline" }, controls.element, scene, side));
  controls.move(start);
  context.follow((route) => {
    if (route.view !== "history" || route.parts[0] !== asked) return false;
    if ((route.query["business"] ?? context.business) !== context.business) return false;
    controls.move(startOf(route.query["at"], steps.length));
    return true;
  });
}

/**
 * Scroll the list, and not the page, until the item is seen.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement | undefined} item
 */
function reveal(list, item) {
  if (!item) return;
  const [inside, around] = [item.getBoundingClientRect(), list.getBoundingClientRect()];
  if (inside.top < around.top) list.scrollTop -= around.top - inside.top;
  else if (inside.bottom > around.bottom) list.scrollTop += inside.bottom - around.bottom;
}

/**
 * @param {Moment} moment
 * @param {number} number
 * @param {(number: number) => void} move
 */
function item({ entry }, number, move) {
  const { event, gained, lost } = entry;
  const change = [gained.length && `+${gained.length}`, lost.length && `−${lost.length}`].filter(Boolean).join(" ");
  return el(
    "button",
    { type: "button", class: "told-event", onclick: () => move(number) },
    el("span", { class: "told-number" }, String(number + 1)),
    el("span", { class: "told-kind" }, eventKind(event.type).name),
    el("span", { class: "told-change" }, change),
    at(event.at_ms),
  );
}

/**
 * @param {string | undefined} wanted
 * @param {number} steps
 */
function startOf(wanted, steps) {
  const number = Number(wanted);
  return Number.isInteger(number) && number >= 1 && number <= steps ? number - 1 : steps - 1;
}

/**
 * Keep the step in the address, without a new view.
 *
 * @param {number} number
 */
function remember(number) {
  const [path = "", search = ""] = location.hash.split("?");
  const query = new URLSearchParams(search);
  query.set("at", String(number + 1));
  history.replaceState(null, "", `${path}?${query}`);
}
