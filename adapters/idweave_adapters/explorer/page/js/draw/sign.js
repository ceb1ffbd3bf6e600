// @ts-check
/** The sign of a kind of member: the same shape, colour and letter in graph, legend and table. */

import { svg } from "../dom.js";
import { memberKind } from "../words.js";

/** The outlines by name, around 0,0. @type {Record<string, string>} */
export const SHAPES = {
  circle: "M-9,0a9,9,0,1,0,18,0a9,9,0,1,0,-18,0Z",
  square: "M-8,-8H8V8H-8Z",
  diamond: "M0,-11L11,0L0,11L-11,0Z",
  triangle: "M0,-11L11,8H-11Z",
};

/**
 * The shape with its letter, for an SVG.
 *
 * @param {import("../words.js").Member | string} member
 */
export function shapeMarks(member) {
  const { shape, letter } = memberKind(member);
  const middle = { "text-anchor": "middle", "dominant-baseline": "central" };
  const y = shape === "triangle" ? 1.5 : 0;
  return [
    svg("path", { class: "node-shape", d: SHAPES[shape] }),
    svg("text", { class: "node-letter", y, ...middle }, letter),
  ];
}

/**
 * The sign among text, beside words that say the same.
 *
 * @param {import("../words.js").Member | string} member
 */
export function kindSign(member) {
  const { className } = memberKind(member);
  const size = { viewBox: "-13 -13 26 26", "aria-hidden": "true" };
  return svg("svg", { class: `kind-sign ${className}`, ...size }, shapeMarks(member));
}
