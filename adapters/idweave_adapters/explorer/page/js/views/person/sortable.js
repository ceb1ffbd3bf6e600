// @ts-check
/** A table that is sorted by any of its columns, copied whole, and of which rows are chosen. */

import { copyButton } from "../../copying.js";
import { el, replace } from "../../dom.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => string | number} value what is sorted by and copied
 * @property {(row: Row) => Node | string} [cell] what is shown, else the value
 * @property {boolean} [isNumber]
 * @property {boolean} [isHead] the column whose button chooses the row; one of them
 */

/**
 * @template Row
 * @typedef {object} Sortable
 * @property {HTMLElement} element
 * @property {(key: string | null) => void} select mark that row, and no other
 */

const LONG = 25;
const ORDER = new Intl.Collator("en", { numeric: true });

/**
 * Make a table of all *rows*, in the order in which they come.
 *
 * @template Row
 * @param {object} parts
 * @param {string} parts.caption
 * @param {Column<Row>[]} parts.columns
 * @param {Row[]} parts.rows
 * @param {(row: Row) => string} parts.keyOf rows with one key are chosen together
 * @param {(key: string, event: Event) => void} parts.onRow
 * @returns {Sortable<Row>}
 */
export function sortable({ caption, columns, rows, keyOf, onRow }) {
  const lines = rows.map((row) => line(row, columns, keyOf(row)));
  const body = el("tbody", { onclick: (/** @type {Event} */ event) => chosen(event, onRow) });
  const heads = columns.map((column) => head(column, (way) => sort(column, way)));
  const sort = (/** @type {Column<Row>} */ column, /** @type {1 | -1} */ way) => {
    for (const each of heads) if (each.column !== column) each.cell.removeAttribute("aria-sort");
    lines.sort((one, two) => way * compared(column.value(one.row), column.value(two.row)));
    replace(body, lines.map((each) => each.element));
  };
  replace(body, lines.map((each) => each.element));
  const name = caption.replace(/ \(.*/, "");
  const table = el(
    "table",
    { class: "data sortable", "aria-label": caption },
    el("thead", null, el("tr", null, heads.map((each) => each.cell))),
    body,
  );
  const copy = () => tsv(columns, lines.map((each) => each.row));
  const element = el(
    "section",
    { class: "sheet" },
    el("div", { class: "sheet-head" }, el("h2", null, caption), copyButton(copy, "Copy as TSV", `Copy as TSV: ${name}`)),
    el("div", { class: rows.length > LONG ? "scroll is-long" : "scroll" }, table),
  );
  return { element, select: (key) => lines.forEach((each) => marked(each, each.key === key)) };
}

/**
 * @template Row
 * @param {Row} row
 * @param {Column<Row>[]} columns
 * @param {string} key
 */
function line(row, columns, key) {
  /** @type {HTMLButtonElement | null} */
  let button = null;
  const cells = columns.map((column) => {
    const shown = column.cell ? column.cell(row) : String(column.value(row));
    if (!column.isHead) return el("td", { class: column.isNumber ? "number" : null }, shown);
    button = el("button", { type: "button", class: "row-button id", "aria-pressed": "false" }, shown);
    return el("th", { scope: "row" }, button);
  });
  return { row, key, button, element: el("tr", { "data-key": key }, cells) };
}

/**
 * @param {{element: HTMLElement, button: HTMLButtonElement | null}} line
 * @param {boolean} isIt
 */
function marked({ element, button }, isIt) {
  element.classList.toggle("is-selected", isIt);
  button?.setAttribute("aria-pressed", String(isIt));
}

/**
 * @template Row
 * @param {Column<Row>} column
 * @param {(way: 1 | -1) => void} sort
 */
function head(column, sort) {
  const press = () => {
    const way = cell.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    cell.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
    sort(way);
  };
  const button = el("button", { type: "button", class: "sort", onclick: press }, column.title);
  const cell = el("th", { scope: "col", class: column.isNumber ? "number" : null }, button);
  return { column, cell };
}

/**
 * @param {Event} event
 * @param {(key: string, event: Event) => void} onRow
 */
function chosen(event, onRow) {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("a")) return;
  const key = target?.closest("tr")?.getAttribute("data-key");
  if (key) onRow(key, event);
}

/**
 * @param {string | number} one
 * @param {string | number} two
 */
function compared(one, two) {
  if (typeof one === "number" && typeof two === "number") return one - two;
  return ORDER.compare(String(one), String(two));
}

/**
 * @template Row
 * @param {Column<Row>[]} columns
 * @param {Row[]} rows
 */
function tsv(columns, rows) {
  const clean = (/** @type {string | number} */ value) => String(value).replace(/[\t\r\n]+/g, " ");
  const table = [columns.map((c) => c.title), ...rows.map((row) => columns.map((c) => c.value(row)))];
  return `${table.map((each) => each.map(clean).join("\t")).join("\n")}\n`;
}
