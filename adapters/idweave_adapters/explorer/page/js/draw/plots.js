// @ts-check
/** Plots: bars of one measure, and small rows of bars over time on one axis. */

import { svg } from "../dom.js";
import { exact, linearTicks, numbers, plot, powerTicks, rough } from "./axes.js";

/** From this ratio on small bars would not be seen beside the largest. */
const LOGARITHMIC_FROM = 200;
const LEFT = 56;
const RIGHT = 12;
const TOP = 22;
const BOTTOM = 44;
const HEIGHT = 260;
const ROW = 54;
/** What a label of the horizontal axis takes, so that none covers another. */
const LABEL = 84;

/**
 * @typedef {object} Bar
 * @property {string} label below the bar, short
 * @property {string} [title] the same in full
 * @property {number} value
 */

/**
 * Draw bars of one measure; on a logarithmic scale, and saying so, where it differs widely.
 *
 * @param {Element} place
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.says the text alternative
 * @param {{name: string, unit: string}} what.across what the bars are, and of what unit
 * @param {string} what.up what is counted: "persons"
 * @param {Bar[]} what.bars
 */
export function histogram(place, { title, says, across, up, bars }) {
  const rows = bars.map((bar) => [bar.title ?? bar.label, bar.value]);
  const table = numbers(title, [across.name, up], rows);
  const draw = (/** @type {number} */ width) => ({
    height: HEIGHT,
    marks: histogramMarks(width, { across, up, bars }),
  });
  plot(place, { title, says, draw, table });
}

/**
 * @param {number} width
 * @param {{across: {name: string, unit: string}, up: string, bars: Bar[]}} what
 * @returns {SVGElement[]}
 */
function histogramMarks(width, { across, up, bars }) {
  const scale = scaleOf(bars.map((bar) => bar.value));
  const base = HEIGHT - BOTTOM;
  const y = (/** @type {number} */ value) => base - scale.part(value) * (base - TOP);
  const step = (width - LEFT - RIGHT) / Math.max(bars.length, 1);
  const middle = (LEFT + width - RIGHT) / 2;
  return [
    ...scale.ticks.flatMap((tick) => gridLine(LEFT, width - RIGHT, y(tick), rough(tick))),
    ...bars.flatMap((bar, place) => barMarks(bar, LEFT + place * step, step, y, base)),
    text(LEFT, 12, scale.isLogarithmic ? `${up}, logarithmic` : up, "plot-axis plot-start"),
    text(middle, HEIGHT - 6, `${across.name} (${across.unit})`, "plot-axis"),
  ];
}

/**
 * @param {Bar} bar
 * @param {number} x
 * @param {number} step
 * @param {(value: number) => number} y
 * @param {number} base
 */
function barMarks(bar, x, step, y, base) {
  const gap = Math.min(8, step * 0.15);
  const top = bar.value > 0 ? Math.min(y(bar.value), base - 2) : base;
  const size = { x: x + gap, y: top, width: Math.max(1, step - 2 * gap), height: base - top };
  const told = svg("title", null, `${bar.title ?? bar.label}: ${exact(bar.value)}`);
  return [
    svg("rect", { class: "plot-bar", ...size }, told),
    bar.value > 0 && step >= 26 ? text(x + step / 2, top - 5, rough(bar.value), "plot-value") : null,
    text(x + step / 2, base + 17, bar.label, "plot-tick"),
  ].filter((mark) => mark !== null);
}

/** @param {number[]} values */
function scaleOf(values) {
  const most = Math.max(1, ...values);
  const least = Math.min(most, ...values.filter((value) => value > 0));
  const isLogarithmic = most / least >= LOGARITHMIC_FROM;
  const ticks = isLogarithmic ? powerTicks(most) : linearTicks(most);
  const end = ticks[ticks.length - 1] ?? 1;
  // A bar of one must be seen, so the foot of a logarithmic scale is a half.
  const foot = 0.5;
  const part = (/** @type {number} */ value) =>
    isLogarithmic ? Math.log(Math.max(value, foot) / foot) / Math.log(end / foot) : value / end;
  return { ticks, isLogarithmic, part };
}

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

/**
 * @param {number} from
 * @param {number} to
 * @param {number} y
 * @param {string} label
 */
function gridLine(from, to, y, label) {
  const line = svg("line", { class: "plot-grid", x1: from, x2: to, y1: y, y2: y });
  return label ? [line, text(from - 8, y + 4, label, "plot-tick plot-end")] : [line];
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {string} className
 */
function text(x, y, words, className) {
  return svg("text", { x, y, class: className }, words);
}
