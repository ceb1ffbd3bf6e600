// @ts-check
/** What stands around a graph: the SVG it is drawn in, what keys do, buttons for its size. */

import { el, svg } from "../dom.js";

/** @typedef {import("./viewport.js").Viewport} Viewport */

const KEYS =
  "Arrow keys go along lines, Enter shows proofs, Shift+Enter or Shift+click chooses for why, " +
  "+ − 0 change the size; so does the wheel with Ctrl.";

/**
 * Make the SVG that *world* is drawn in; what keys do in it is told by the element *help*.
 *
 * @param {SVGGElement} world
 * @param {{width: number, height: number}} size
 * @param {string} name
 * @param {string} help
 */
export function frame(world, { width, height }, name, help) {
  return svg(
    "svg",
    {
      class: "graph-frame",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "application",
      "aria-label": name,
      "aria-roledescription": "graph",
      "aria-describedby": help,
    },
    world,
  );
}

/**
 * Make the row above a graph.
 *
 * @param {string} help the id of the text
 * @param {Viewport} view
 */
export function bar(help, view) {
  return el(
    "div",
    { class: "graph-bar" },
    el("p", { class: "graph-help", id: help }, KEYS),
    el(
      "div",
      { class: "graph-tools", role: "group", "aria-label": "Size of the graph" },
      tool("Enlarge", "+", () => view.zoom(1.4)),
      tool("Make smaller", "−", () => view.zoom(1 / 1.4)),
      tool("Fit: show all of it", "Fit", () => view.fit()),
    ),
  );
}

/**
 * @param {string} name
 * @param {string} text
 * @param {() => void} onclick
 */
function tool(name, text, onclick) {
  return el("button", { type: "button", class: "graph-tool", "aria-label": name, title: name, onclick }, text);
}
