// @ts-check
/**
 * Where things stand in a graph: apps left, Pages right, tokens and codes between, every
 * app and Page in a lane of its own. Forces find the order in which lines cross least, then
 * everything snaps to rows, so that no text lies on another. Equal graphs are laid out equally.
 */

import { forcedHeights } from "./forces.js";

/** @typedef {import("./model.js").GraphModel} GraphModel */
/** @typedef {import("./model.js").GraphNode} GraphNode */

/**
 * @typedef {object} Lane a box with the nodes of one app or Page, or one token or code
 * @property {string} title
 * @property {GraphNode["band"]} band
 * @property {GraphNode[]} nodes
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {boolean} isTight title and id share one row
 */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {Lane[]} lanes
 * @property {Map<string, number>} bows by band: where its innermost nodes stand
 * @property {number} gap between bands: the room that lines have
 */

const BANDS = /** @type {const} */ (["apps", "between", "pages"]);
const MARGIN = 16;
const SPACE = 8;
const ROOMY_LANES = 14;
const WIDTHS = { apps: 196, between: 132, pages: 196 };
const TIGHT_WIDTHS = { apps: 236, between: 132, pages: 236 };
/** The room on a screen that a drawing should make the most of. */
const SCREEN = { width: 1200, height: 760 };
const FEWEST_ROWS = 12;

/** The radius of a node. */
export const RADIUS = 9;

/**
 * Give each node of *model* its place.
 *
 * @param {GraphModel} model
 * @returns {Layout}
 */
export function laidOut(model) {
  const lanes = lanesOf(model);
  const isTight = BANDS.some((band) => lanes[band].length > ROOMY_LANES);
  const widths = isTight ? TIGHT_WIDTHS : WIDTHS;
  const all = BANDS.flatMap((band) => lanes[band]);
  for (const lane of all) sized(lane, isTight, widths);
  const rows = bestRows(lanes, widths);
  const columns = BANDS.map((band) => dealt(lanes[band], rows));
  const height = Math.max(...columns.flat().map(heightOf), 0) + 2 * MARGIN;
  const gap = Math.min(220, 100 + 4 * rows);
  const placed = placedColumns(columns, widths, height, gap);
  for (const lane of all) placeNodes(lane);
  return { width: placed.width, height, lanes: all, bows: placed.bows, gap };
}

/**
 * @param {GraphModel} model
 * @returns {Record<GraphNode["band"], Lane[]>}
 */
function lanesOf(model) {
  const heights = forcedHeights(model);
  /** @type {Map<string, Lane>} */
  const lanes = new Map();
  for (const node of model.nodes) {
    const key = node.band === "between" ? node.id : node.lane.key;
    const lane = lanes.get(key) ?? newLane(node);
    lane.nodes.push(node);
    lanes.set(key, lane);
  }
  for (const lane of lanes.values()) lane.y = mean(lane.nodes.map((node) => heights.get(node.id)));
  const ordered = [...lanes.values()].sort((one, two) => one.y - two.y);
  const of = (/** @type {string} */ band) => ordered.filter((lane) => lane.band === band);
  return { apps: of("apps"), between: of("between"), pages: of("pages") };
}

/**
 * @param {GraphNode} node
 * @returns {Lane}
 */
function newLane(node) {
  const { band, lane } = node;
  return { title: lane.title, band, nodes: [], x: 0, y: 0, width: 0, height: 0, isTight: false };
}

/**
 * @param {Lane} lane
 * @param {boolean} isTight
 * @param {Record<GraphNode["band"], number>} widths
 */
function sized(lane, isTight, widths) {
  lane.width = widths[lane.band];
  lane.isTight = isTight && lane.nodes.length === 1;
  if (lane.band === "between") lane.height = isTight ? 40 : 52;
  else lane.height = lane.isTight ? 24 : 26 + 20 * lane.nodes.length;
}

/**
 * Return how many rows make the drawing as large as can be on a screen.
 *
 * @param {Record<GraphNode["band"], Lane[]>} lanes
 * @param {Record<GraphNode["band"], number>} widths
 */
function bestRows(lanes, widths) {
  const most = Math.max(...BANDS.map((band) => lanes[band].length));
  let best = { rows: most, scale: 0 };
  for (let rows = Math.min(most, FEWEST_ROWS); rows <= most; rows += 1) {
    const columns = BANDS.map((band) => dealt(lanes[band], rows));
    const width = BANDS.reduce((sum, band, n) => sum + (columns[n]?.length ?? 0) * widths[band], 300);
    const height = Math.max(...columns.flat().map(heightOf));
    const scale = Math.min(SCREEN.width / width, SCREEN.height / height);
    if (scale >= best.scale) best = { rows, scale };
  }
  return best.rows;
}

/**
 * Deal lanes to columns of at most *rows*, the first one innermost, keeping their height.
 *
 * @param {Lane[]} lanes
 * @param {number} rows
 * @returns {Lane[][]}
 */
function dealt(lanes, rows) {
  const many = Math.ceil(lanes.length / Math.max(1, rows));
  return Array.from({ length: many }, (_, column) => lanes.filter((_l, n) => n % many === column));
}

/** @param {Lane[]} column */
function heightOf(column) {
  return column.reduce((sum, lane) => sum + lane.height + SPACE, -SPACE);
}

/**
 * @param {Lane[][][]} columns by band
 * @param {Record<GraphNode["band"], number>} widths
 * @param {number} height
 * @param {number} gap
 */
function placedColumns(columns, widths, height, gap) {
  /** @type {Map<string, number>} */
  const bows = new Map();
  const used = columns.filter((each) => each.length).length;
  let x = MARGIN;
  BANDS.forEach((band, number) => {
    const own = columns[number] ?? [];
    if (!own.length) return;
    if (x > MARGIN) x += gap;
    const ordered = band === "apps" ? [...own].reverse() : own;
    for (const column of ordered) x = placedColumn(column, x, widths[band], height);
    const inner = band === "apps" ? x - SPACE : x - own.length * (widths[band] + SPACE);
    bows.set(band, band === "between" ? x - widths[band] / 2 : inner);
  });
  return { width: x + MARGIN + (used === 1 ? gap : 0), bows };
}

/**
 * @param {Lane[]} column
 * @param {number} x
 * @param {number} width
 * @param {number} height
 * @returns {number} where the next one begins
 */
function placedColumn(column, x, width, height) {
  let y = (height - heightOf(column)) / 2;
  for (const lane of column) {
    Object.assign(lane, { x, y });
    y += lane.height + SPACE;
  }
  return x + width + SPACE;
}

/** @param {Lane} lane */
function placeNodes(lane) {
  lane.nodes.forEach((node, row) => {
    if (lane.band === "between") {
      Object.assign(node, { x: lane.x + lane.width / 2, y: lane.y + RADIUS + 3 });
      return;
    }
    const inset = RADIUS + 5;
    node.x = lane.band === "apps" ? lane.x + lane.width - inset : lane.x + inset;
    node.y = lane.isTight ? lane.y + lane.height / 2 : lane.y + 32 + 20 * row;
  });
}

/** @param {(number | undefined)[]} numbers */
function mean(numbers) {
  return numbers.reduce((/** @type {number} */ sum, each) => sum + (each ?? 0), 0) / numbers.length;
}
