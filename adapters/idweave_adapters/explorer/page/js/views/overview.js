// @ts-check
/** A business in numbers. */

import { Problem } from "../api.js";
import { el, link } from "../dom.js";
import { exact, numbers, scrolled } from "../draw/axes.js";
import { histogram, series } from "../draw/plots.js";
import { MEMBER_KINDS, count, memberKind, short } from "../words.js";
import { sizeBins, timeBins } from "./overview/bins.js";
import { EVENT_KINDS, eventKind } from "./telling/events.js";
import { holdItem } from "./telling/holds.js";

/** @typedef {import("../main.js").Context} Context */

/**
 * @typedef {object} Overview as the API tells it
 * @property {string} business
 * @property {number} persons
 * @property {Record<string, number>} members
 * @property {{size: number, persons: number}[]} sizes
 * @property {{person: string, size: number}[]} largest
 * @property {number} quarantined
 * @property {Record<string, number>} events
 * @property {import("./overview/bins.js").Day[]} days
 * @property {import("./telling/holds.js").Hold[]} holds
 */

/**
 * Show key figures, holds, sizes, events over time and the largest persons.
 *
 * @param {Element} place
 * @param {import("../routes.js").Route} _route
 * @param {Context} context
 * @returns {Promise<string>}
 */
export async function show(place, _route, context) {
  const found = await overviewOf(context);
  place.append(el("h1", null, "Overview"));
  if (found === null) {
    place.append(el("p", null, "Nothing is known of this business yet. Persons appear here with the first event of one of its apps or Pages."));
    return "Overview";
  }
  place.append(figures(found, context), holds(found.holds));
  const beside = el("div", { class: "parts" });
  place.append(beside);
  sizes(beside, found);
  beside.append(largest(found.largest, context));
  growth(place, found);
  return "Overview";
}

/**
 * @param {Context} context
 * @returns {Promise<Overview | null>}
 */
async function overviewOf({ ask }) {
  try {
    return await ask("/v1/overview");
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/**
 * @param {Overview} found
 * @param {Context} context
 */
function figures({ persons, members, quarantined, events }, { routeTo, may }) {
  const review = may("review");
  const ids = Object.entries(members).filter(([, number]) => number > 0);
  return el(
    "dl",
    { class: "figures" },
    figure("Persons", persons),
    ordered(ids).map(([kind, number]) => figure(`${memberKind({ kind, value: "" }).words}s`, number)),
    figure("Merges", events["merged"] ?? 0),
    figure("Splits", events["split"] ?? 0),
    figure("In quarantine now", quarantined, review ? routeTo.quarantine() : ""),
    figure("Links refused", events["refused"] ?? 0, review ? routeTo.refusals() : ""),
  );
}

/** @param {[string, number][]} ids */
function ordered(ids) {
  const order = Object.keys(MEMBER_KINDS);
  const rank = (/** @type {string} */ kind) => (order.indexOf(kind) + 1 || order.length + 1);
  return ids.sort(([one], [two]) => rank(one) - rank(two));
}

/**
 * @param {string} name
 * @param {number} number
 * @param {string} [route]
 */
function figure(name, number, route) {
  const value = exact(number);
  return el(
    "div",
    { class: "figure" },
    el("dt", null, route ? link(route, name) : name),
    el("dd", null, value),
  );
}

/** @param {Overview["holds"]} held */
function holds(held) {
  return el(
    "section",
    { class: held.length ? "part notice" : "part" },
    el("h2", null, "Lookups on hold"),
    held.length
      ? el("ul", { class: "hold-list" }, held.map(holdItem))
      : el("p", null, "None: the Graph API is asked as usual."),
  );
}

/**
 * @param {Element} place
 * @param {Overview} found
 */
function sizes(place, { persons, sizes: counted }) {
  const bars = sizeBins(counted);
  const section = sectionOf(place, "How large persons are");
  if (bars.length === 0) return void section.append(el("p", null, "There is no person."));
  const most = bars.reduce((best, bar) => (bar.value > best.value ? bar : best));
  const largest = Math.max(...counted.map(({ size }) => size));
  const says = `The most frequent size is ${most.title}: ${exact(most.value)} of ${count(persons, "person")}. The largest has ${count(largest, "id")}.`;
  const title = "Persons by size";
  histogram(section, { title, says, across: { name: "Size", unit: "ids" }, up: "persons", bars });
}

/**
 * @param {Element} place
 * @param {Overview} found
 */
function growth(place, { days, events }) {
  const section = sectionOf(place, "What happened when");
  const types = Object.keys(EVENT_KINDS).filter((type) => events[type]);
  types.push(...Object.keys(events).filter((type) => events[type] && !EVENT_KINDS[type]));
  if (types.length === 0) return void section.append(el("p", null, "Nothing has happened yet."));
  const { unit, names, values } = timeBins(days);
  const measures = types.map((type) => ({ words: eventKind(type).many, values: values(type) }));
  const created = { words: "Persons created so far", values: summed(values("created")), isTotal: true };
  const first = names[0] ?? "";
  const says = `${count(sum(Object.values(events)), "event")} from ${first} to ${names.at(-1)}, by the time of what caused them. Each row has a scale of its own.`;
  series(section, { title: "Events over time", says, unit, bins: names, measures: [created, ...measures] });
}

/** @param {number[]} values */
function summed(values) {
  let total = 0;
  return values.map((value) => (total += value));
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * @param {Overview["largest"]} persons
 * @param {Context} context
 */
function largest(persons, { routeTo, may }) {
  const read = may("read");
  const named = (/** @type {string} */ id) => (read ? link(routeTo.person(id), short(id, 18), { title: id }) : short(id, 18));
  const table = numbers("The largest persons", ["Person", "Ids"], persons.map(({ person, size }) => [named(person), size]));
  return el(
    "section",
    { class: "part" },
    el("h2", null, "The largest persons"),
    el("p", null, "One far larger than the others is worth a look: something that many people share may have joined them."),
    scrolled(table),
  );
}

/**
 * @param {Element} place
 * @param {string} title
 */
function sectionOf(place, title) {
  const section = el("section", { class: "part" }, el("h2", null, title));
  place.append(section);
  return section;
}
