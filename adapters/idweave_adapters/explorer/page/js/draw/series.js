// @ts-check
/** Several measures over the same time, below each other. */

import { svg } from "../dom.js";
import { SIDES, exact, gridLine, numbers, plot, rough, text } from "./axes.js";

const { left: LEFT, right: RIGHT } = SIDES;
const ROW = 54;
/** Above the bars of a row, for its name. */
const TOP = 22;
/** Below all rows, for the axis. */
const BOTTOM = 44;
/** What a label of the horizontal axis takes, so that none covers another. */
const LABEL = 84;

/**
 * @typedef {object} Measure
 * @property {string} words
 * @property {number[]} values one for each bin
 * @property {boolean} [isTotal] it only grows: a line instead of bars
 */

/**
 * Draw several measures over the same time below each other, each on a scale of its own.
 *
 * What is told by the place of a row needs no colour to be told apart.
 *
 * @param {Element} place
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.says the text alternative
 * @param {string} what.unit of a bin: "day"
 * @param {string[]} what.bins their names, in the order of time
 * @param {Measure[]} what.measures
 */
export function series(place, { title, says, unit, bins, measures }) {
  const rows = bins.map((bin, number) => [bin, ...measures.map((each) => each.values[number] ?? 0)]);
  const table = numbers(title, [unit, ...measures.map((each) => each.words)], rows);
  const draw = (/** @type {number} */ width) => ({
    height: measures.length * ROW + BOTTOM,
    marks: seriesMarks(width, { unit, bins, measures }),
  });
  plot(place, { title, says, draw, table });
}

/**
 * @param {number} width
 * @param {{unit: string, bins: string[], measures: Measure[]}} what
 * @returns {SVGElement[]}
 */
function seriesMarks(width, { unit, bins, measures }) {
  const step = (width - LEFT - RIGHT) / Math.max(bins.length, 1);
  const foot = measures.length * ROW;
  const every = Math.max(1, Math.ceil(LABEL / step));
  const named = bins.map((bin, number) => ({ bin, x: LEFT + (number + 0.5) * step }));
  const labels = named.filter((_, number) => number % every === 0 && number * step < width - LEFT - LABEL / 2);
  return [
    ...measures.flatMap((each, row) => rowMarks(each, { top: row * ROW, step, width, bins })),
    ...labels.map(({ bin, x }) => text(x, foot + 18, bin, "plot-tick")),
    text((LEFT + width - RIGHT) / 2, foot + BOTTOM - 6, `${unit} (UTC)`, "plot-axis"),
  ];
}

/**
 * @param {Measure} measure
 * @param {{top: number, step: number, width: number, bins: string[]}} where
 * @returns {SVGElement[]}
 */
function rowMarks({ words, values, isTotal }, { top, step, width, bins }) {
  const most = Math.max(1, ...values);
  const base = top + ROW;
  const high = ROW - TOP;
  const y = (/** @type {number} */ value) => base - (value / most) * high;
  const drawn = isTotal
    ? [svg("path", { class: "plot-line", d: steps(values, step, y) })]
    : values.flatMap((value, number) => smallBar(value, number, { step, base, y, bin: bins[number] ?? "" }));
  return [
    ...gridLine(LEFT, width - RIGHT, y(most), rough(most)),
    ...gridLine(LEFT, width - RIGHT, base, ""),
    ...drawn,
    text(LEFT, top + 15, words, "plot-row plot-start"),
  ];
}

/**
 * @param {number} value
 * @param {number} number
 * @param {{step: number, base: number, y: (value: number) => number, bin: string}} where
 */
function smallBar(value, number, { step, base, y, bin }) {
  if (value <= 0) return [];
  const top = Math.min(y(value), base - 1.5);
  const size = { x: LEFT + (number + 0.1) * step, y: top, width: Math.max(1, step * 0.8), height: base - top };
  return [svg("rect", { class: "plot-bar", ...size }, svg("title", null, `${bin}: ${exact(value)}`))];
}

/**
 * @param {number[]} values
 * @param {number} step
 * @param {(value: number) => number} y
 */
function steps(values, step, y) {
  const ways = values.map((value, number) => {
    const [from, to] = [LEFT + number * step, LEFT + (number + 1) * step];
    return `${number ? "L" : "M"}${from} ${y(value)}H${to}`;
  });
  return ways.join("");
}
