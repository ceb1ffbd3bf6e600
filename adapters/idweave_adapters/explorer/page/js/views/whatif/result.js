// @ts-check
/** The answer: what would be told, who would be who, and the commands that do it. */

import { copyButton } from "../../copying.js";
import { drawGraph } from "../../draw/graph.js";
import { el, link } from "../../dom.js";
import { count } from "../../words.js";
import { changeWords } from "./changes.js";
import { compared, evidenceOf } from "./compare.js";
import { idTable, proofTable } from "./tables.js";
import { eventSentence } from "./telling.js";

/** @typedef {import("../../main.js").Context} Context */
/** @typedef {import("./compare.js").Person} Person */
/** @typedef {import("./compare.js").Comparison} Comparison */
/** @typedef {import("./changes.js").Change & {refused: string | null, command: string | null, events: import("./telling.js").Told[]}} Outcome */

/**
 * @typedef {object} Answer
 * @property {boolean} is_exact
 * @property {string[]} doubts
 * @property {Outcome[]} changes
 * @property {Person[]} before
 * @property {Person[]} after
 * @property {string[]} kept
 * @property {string[]} ended
 * @property {string[]} given
 */

/**
 * Say in one sentence what would come, also for an announcement.
 *
 * @param {Answer} answer
 */
export function summary({ changes, kept, ended, given }) {
  const events = changes.reduce((sum, { events: told }) => sum + told.length, 0);
  if (!events) return "Nothing would change.";
  const ids = [
    given.length && `${count(given.length, "person id")} given out`,
    ended.length && `${count(ended.length, "person id")} ended`,
    kept.length && `${count(kept.length, "person id")} kept`,
  ].filter(Boolean);
  return `${count(events, "event")} would come; ${ids.join(", ") || "nobody is left"}.`;
}

/**
 * Make the answer's sections.
 *
 * @param {Answer} answer
 * @param {Context} context
 * @returns {HTMLElement[]}
 */
export function result(answer, context) {
  const comparison = compared(answer.before, answer.after);
  const heading = el("h2", { tabindex: -1, id: "whatif-result" }, "What would happen");
  return [
    el("section", { class: "whatif-told", "aria-labelledby": "whatif-result" }, heading, el("p", { class: "lead" }, summary(answer)), doubts(answer), outcomes(answer.changes)),
    graphs(answer, comparison),
    el("section", { class: "list" }, el("h2", null, "Whose each id is"), names(answer, context), idTable(comparison, answer)),
    el("section", { class: "list" }, el("h2", null, "The proofs"), proofTable(comparison)),
  ];
}

/** @param {Answer} answer */
function doubts({ is_exact, doubts: texts }) {
  if (is_exact) return el("p", { class: "hint" }, "Workers would tell exactly this, if nothing else came in between.");
  const items = texts.map((text) => el("li", null, `${text}.`));
  return el("div", { class: "notice" }, el("p", null, "Workers know more than is told here, so it may come otherwise:"), el("ul", null, items));
}

/** @param {Outcome[]} changes */
function outcomes(changes) {
  return el("ol", { class: "whatif-outcomes" }, changes.map(outcome));
}

/** @param {Outcome} change */
function outcome(change) {
  const { refused, events, command } = change;
  const words = events.map((event) => el("li", null, eventSentence(event)));
  return el(
    "li",
    null,
    el("h3", null, changeWords(change)),
    refused !== null && el("p", { class: "notice bad" }, `No command does this: ${refused}.`),
    refused === null && !words.length && el("p", null, "Nothing would change by it."),
    words.length > 0 && el("ul", null, words),
    command !== null && earnest(command),
  );
}

/** @param {string} command */
function earnest(command) {
  const button = copyButton(() => command, "Copy", "Copy the command");
  const code = el("pre", { tabindex: 0, role: "region", "aria-label": "The command that does it" }, el("code", null, command));
  return el("div", { class: "whatif-command" }, code, button);
}

/**
 * @param {Answer} answer
 * @param {Comparison} comparison
 */
function graphs({ before, after }, { marks }) {
  return el(
    "section",
    { class: "whatif-graphs", "aria-label": "Before and after" },
    graph("Before", before, { gone: marks.gone }, "Dotted: falls away."),
    graph("After", after, { added: marks.added }, "Thick or ringed: is new."),
  );
}

/**
 * @param {string} title
 * @param {Person[]} persons
 * @param {{gone?: Set<string>, added?: Set<string>}} marks
 * @param {string} hint
 */
function graph(title, persons, marks, hint) {
  const figure = el("div", null);
  drawGraph(figure, {
    members: persons.flatMap(({ members }) => members),
    proofs: evidenceOf(persons),
    name: `${title}: ${count(persons.length, "person")}`,
    ...marks,
  });
  const people = count(persons.length, "person");
  return el("div", { class: "whatif-graph" }, el("h2", null, `${title}: ${people}`), el("p", { class: "hint" }, hint), figure);
}

/**
 * @param {Answer} answer
 * @param {Context} context
 */
function names({ kept, ended, given }, { routeTo }) {
  const known = (/** @type {string} */ name) => el("li", null, link(routeTo.person(name), el("span", { class: "id" }, name)));
  const coming = (/** @type {string} */ name) => el("li", null, el("span", { class: "id" }, name));
  return el(
    "dl",
    { class: "facts" },
    kept.length > 0 && [el("dt", null, "Kept"), el("dd", null, el("ul", { class: "plain" }, kept.map(known)))],
    ended.length > 0 && [el("dt", null, "Ended"), el("dd", null, el("ul", { class: "plain" }, ended.map(known)))],
    given.length > 0 && [el("dt", null, "Given out"), el("dd", null, el("ul", { class: "plain" }, given.map(coming)))],
  );
}
