// @ts-check
/** The ways of lines between nodes that have their places. */

/** @typedef {import("./model.js").GraphNode} GraphNode */
/** @typedef {import("./model.js").GraphLine} GraphLine */
/** @typedef {import("./layout.js").Lane} Lane */
/** @typedef {import("./layout.js").Layout} Layout */

/** @typedef {{x: number, y: number}} Point */

/** What a token or code with its text takes up, up and down of its middle. */
const CLEAR = 30;
/** A cubic's middle moves by three quarters of what its control points do. */
const FOR_THE_MIDDLE = 4 / 3;

/**
 * Return the way of a line, and its middle.
 *
 * @param {GraphLine} line
 * @param {Layout} layout
 * @returns {{d: string, middle: Point}}
 */
export function wayOf({ a, b }, layout) {
  const [one, two] = a.band === b.band ? bowed(a, b, layout) : level(a, b, layout);
  const middle = {
    x: (a.x + 3 * one.x + 3 * two.x + b.x) / 8,
    y: (a.y + 3 * one.y + 3 * two.y + b.y) / 8,
  };
  return { d: `M${a.x},${a.y}C${one.x},${one.y},${two.x},${two.y},${b.x},${b.y}`, middle };
}

/**
 * Between two of one band: a bow into the free room beside it.
 *
 * @param {GraphNode} a
 * @param {GraphNode} b
 * @param {Layout} layout
 */
function bowed(a, b, { bows, gap }) {
  const depth = Math.min(gap * 1.2, 28 + Math.abs(a.y - b.y) * 0.3);
  const side = a.band === "pages" ? -1 : 1;
  const x = (bows.get(a.band) ?? a.x) + side * depth;
  return [
    { x, y: a.y },
    { x, y: b.y },
  ];
}

/**
 * Between two bands, around tokens and codes that stand in the way.
 *
 * @param {GraphNode} a
 * @param {GraphNode} b
 * @param {Layout} layout
 */
function level(a, b, { lanes }) {
  const x = (a.x + b.x) / 2;
  const middle = (a.y + b.y) / 2;
  const isAcross = a.band !== "between" && b.band !== "between";
  const inTheWay = lanes.find((lane) => lane.band === "between" && Math.abs(off(lane, middle)) < CLEAR);
  const away = isAcross && inTheWay ? off(inTheWay, middle) : CLEAR;
  const push = Math.abs(away) < CLEAR ? ((away > 0 ? CLEAR : -CLEAR) - away) * FOR_THE_MIDDLE : 0;
  return [
    { x, y: a.y + push },
    { x, y: b.y + push },
  ];
}

/**
 * @param {Lane} lane
 * @param {number} y
 * @returns {number} how far below the node and its text that is
 */
function off(lane, y) {
  return y - (lane.y + lane.height / 2 - 4);
}
