// @ts-check
/** A person: who it is, as a graph and as tables, with the evidence beside them. */

import { el, replace } from "../dom.js";
import { drawGraph } from "../draw/graph.js";
import { lineId } from "../draw/model.js";
import { memberText } from "../words.js";
import { header } from "./person/header.js";
import { panel } from "./person/panel.js";
import { askedFor } from "./person/person.js";
import { newSelection } from "./person/selection.js";
import { tables } from "./person/tables.js";

/** @typedef {import("../main.js").Context} Context */
/** @typedef {import("../routes.js").Route} Route */
/** @typedef {import("./person/person.js").Person} Person */
/** @typedef {import("./person/selection.js").Selection} Selection */

/**
 * Show the person that a person id, also an ended one, or a member leads to.
 *
 * @param {Element} place
 * @param {Route} route `#/person/<id>?select=…` or `#/id/<member>`
 * @param {Context} context
 * @returns {Promise<string>} the title
 */
export async function show(place, route, context) {
  const { person, trail, chosen } = await askedFor(route, context);
  if (context.signal.aborted) return "";
  const known = idsOf(person);
  const selection = newSelection(person.id, (id) => known.has(id), context);
  const side = panel({ person, selection, context });
  const graph = el("section", { class: "person-graph", "aria-label": "Graph" });
  const sheets = el("div", { class: "sheets" }, tables(person, selection, context));
  replace(
    place,
    header(person, trail, context),
    el("div", { class: "desk" }, graph, side.element, sheets),
  );
  draw(graph, person, selection);
  leadFocus(side, selection, context);
  selection.show(chosen);
  context.follow((next) => followed(next, route, person, selection));
  return `Person ${person.id}`;
}

/**
 * @param {Element} place
 * @param {Person} person
 * @param {Selection} selection
 */
function draw(place, person, selection) {
  const drawing = drawGraph(place, {
    members: person.members,
    proofs: person.evidence,
    name: `Graph of ${person.members.length} ids and what links them`,
    onNode: selection.picked,
    onProof: (_proofs, line, event) => selection.picked(line, event),
    onEscape: selection.clear,
  });
  selection.onChange((id) => {
    drawing.select(id);
    drawing.choose(selection.first === null ? [] : [selection.first]);
  });
}

/**
 * Who chooses by keyboard is led into the panel, and back by Escape.
 *
 * @param {{element: HTMLElement, enter: () => void}} side
 * @param {Selection} selection
 * @param {Context} context
 */
function leadFocus(side, selection, context) {
  /** @type {Element | null} */
  let origin = null;
  selection.onChange((id, event) => {
    if (!event || id === null) return;
    const isKey = event instanceof KeyboardEvent || (event instanceof MouseEvent && event.detail === 0);
    const focused = document.activeElement;
    if (focused && !side.element.contains(focused)) origin = focused;
    if (isKey || side.element.contains(focused) || focused === document.body) side.enter();
    context.announce(side.element.querySelector("h2")?.textContent ?? "");
  });
  side.element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    selection.clear();
    if (origin instanceof HTMLElement || origin instanceof SVGElement) origin.focus();
  });
}

/**
 * Take what the address names now, if it is of this person.
 *
 * @param {Route} next
 * @param {Route} asked
 * @param {Person} person
 * @param {Selection} selection
 */
function followed(next, asked, person, selection) {
  if (next.query["business"] !== asked.query["business"] && next.query["business"] !== person.business) return false;
  const id = next.parts[0] ?? "";
  if (next.view === "person" && id === person.id) selection.show(next.query["select"] ?? null);
  else if (next.view === asked.view && id === asked.parts[0]) selection.show(next.view === "id" ? id : null);
  else return false;
  return true;
}

/** @param {Person} person */
function idsOf({ members, evidence }) {
  return new Set([...members.map(memberText), ...evidence.map(({ a, b }) => lineId(a, b))]);
}
