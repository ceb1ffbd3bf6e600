// @ts-check
/** Bars of one measure. */

import { svg } from "../dom.js";
import { SIDES, exact, gridLine, linearTicks, numbers, plot, powerTicks, rough, text } from "./axes.js";

/** From this ratio on small bars would not be seen beside the largest. */
const LOGARITHMIC_FROM = 200;
const { left: LEFT, right: RIGHT } = SIDES;
const TOP = 22;
const BOTTOM = 44;
const HEIGHT = 260;
/** The width of a letter of an axis, about, and what parts two labels. */
const LETTER = 6.5;
const GAP = 6;

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
  const longest = Math.max(1, ...bars.map((bar) => bar.label.length));
  const every = Math.ceil((longest * LETTER + GAP) / step);
  const middle = (LEFT + width - RIGHT) / 2;
  return [
    ...scale.ticks.flatMap((tick) => gridLine(LEFT, width - RIGHT, y(tick), rough(tick))),
    ...bars.flatMap((bar, place) => barMarks(bar, LEFT + place * step, step, y, base)),
    ...bars.flatMap((bar, place) => tickMarks(bar, place, step, every, base)),
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
  ].filter((mark) => mark !== null);
}

/**
 * The name of a bar, where there is room for it: each bar has it as its title, too.
 *
 * @param {Bar} bar
 * @param {number} place
 * @param {number} step
 * @param {number} every
 * @param {number} base
 */
function tickMarks(bar, place, step, every, base) {
  return place % every === 0 ? [text(LEFT + (place + 0.5) * step, base + 17, bar.label, "plot-tick")] : [];
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
