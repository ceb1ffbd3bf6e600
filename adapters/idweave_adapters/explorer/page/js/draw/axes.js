// @ts-check
/** What every plot has: ticks, a frame that follows the width, and an equal table. */

import { el, replace, svg } from "../dom.js";

const NUMBER = new Intl.NumberFormat();
const NARROW = new Intl.NumberFormat(undefined, { notation: "compact" });
/** Where nothing is laid out yet, such as in a tab that was never looked at. */
const WIDTH = 640;

let plots = 0;

/**
 * Round numbers from 0 to at least *most*, few enough to read.
 *
 * @param {number} most
 * @param {number} [wanted] about so many steps
 * @returns {number[]}
 */
export function linearTicks(most, wanted = 4) {
  const raw = Math.max(most, 1) / wanted;
  const ten = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, ten * ([1, 2, 5].find((each) => each * ten >= raw) ?? 10));
  const last = Math.ceil(Math.max(most, 1) / step);
  return Array.from({ length: last + 1 }, (_, number) => number * step);
}

/**
 * Powers of ten from 1 to at least *most*.
 *
 * @param {number} most
 * @returns {number[]}
 */
export function powerTicks(most) {
  const last = Math.max(1, Math.ceil(Math.log10(Math.max(most, 1))));
  return Array.from({ length: last + 1 }, (_, power) => 10 ** power);
}

/** @param {number} number */
export const exact = (number) => NUMBER.format(number);

/** @param {number} number "1.2K", for an axis */
export const rough = (number) => (number < 10_000 ? exact(number) : NARROW.format(number));

/**
 * Put a plot with its title, its text and an equal table into *place*.
 *
 * It is drawn again whenever its width changes.
 *
 * @param {Element} place
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.says what is to be seen, in a sentence: the text alternative
 * @param {(width: number) => {height: number, marks: SVGElement[]}} what.draw
 * @param {HTMLTableElement} what.table
 */
export function plot(place, { title, says, draw, table }) {
  plots += 1;
  const name = `plot-${plots}`;
  const sheet = el("div", { class: "plot-sheet" });
  place.append(
    el(
      "figure",
      { class: "plot" },
      el("figcaption", { id: `${name}-title`, class: "unseen" }, title),
      el("p", { id: `${name}-text`, class: "plot-says" }, says),
      sheet,
      el("details", { class: "plot-table" }, el("summary", null, `${title}: the numbers`), scrolled(table)),
    ),
  );
  let drawn = 0;
  const redraw = () => {
    const width = Math.floor(sheet.clientWidth) || WIDTH;
    if (width === drawn) return;
    drawn = width;
    replace(sheet, frame(name, width, draw(width)));
  };
  redraw();
  new ResizeObserver(redraw).observe(sheet);
}

/**
 * @param {string} name
 * @param {number} width
 * @param {{height: number, marks: SVGElement[]}} drawing
 */
function frame(name, width, { height, marks }) {
  const labels = { "aria-labelledby": `${name}-title`, "aria-describedby": `${name}-text` };
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  return svg("svg", { role: "img", class: "plot-drawing", ...size, ...labels }, marks);
}

/**
 * Make a table of numbers: the first column names the row.
 *
 * @param {string} caption
 * @param {string[]} heads
 * @param {(Node | string | number)[][]} rows
 */
export function numbers(caption, heads, rows) {
  const head = heads.map((text, column) => el("th", { scope: "col", class: column > 0 && "number" }, text));
  return el(
    "table",
    { class: "data numbers" },
    el("caption", { class: "unseen" }, caption),
    el("thead", null, el("tr", null, head)),
    el("tbody", null, rows.map(row)),
  );
}

/** @param {(Node | string | number)[]} cells */
function row([name = "", ...cells]) {
  const told = cells.map((cell) =>
    el("td", { class: "number" }, typeof cell === "number" ? exact(cell) : cell),
  );
  return el("tr", null, el("th", { scope: "row" }, name), told);
}

/**
 * Let a wide table scroll by itself, also by keyboard, and not the page.
 *
 * @param {HTMLTableElement} table
 */
export function scrolled(table) {
  const label = table.caption?.textContent ?? "Table";
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
}

/** Room beside the bars, for labels. */
export const SIDES = { left: 56, right: 12 };

/**
 * A line across the plot, and what it stands for.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} y
 * @param {string} label
 */
export function gridLine(from, to, y, label) {
  const line = svg("line", { class: "plot-grid", x1: from, x2: to, y1: y, y2: y });
  return label ? [line, text(from - 8, y + 4, label, "plot-tick plot-end")] : [line];
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {string} className
 */
export function text(x, y, words, className) {
  return svg("text", { x, y, class: className }, words);
}
