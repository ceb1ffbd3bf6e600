// @ts-check
/**
 * Where things stand in a graph: apps left, Pages right, tokens and codes between, every
 * app and Page in a lane of its own. Forces find the order in which lines cross least, then
 * everything snaps to rows, so that no text lies on another. Equal graphs are laid out equally.
 */

/** @typedef {import("./model.js").GraphModel} GraphModel */
/** @typedef {import("./model.js").GraphNode} GraphNode */
/** @typedef {import("./model.js").GraphLine} GraphLine */

/** @typedef {{x: number, y: number}} Point */

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

/** What a token or code with its text takes up, up and down of its middle. */
const CLEAR = 30;
/** A cubic's middle moves by three quarters of what its control points do. */
const FOR_THE_MIDDLE = 4 / 3;

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
 * Let forces move everything up and down until what is linked stands side by side.
 *
 * @param {GraphModel} model
 * @returns {Map<string, number>} by id
 */
function forcedHeights({ nodes, lines }) {
  const d3 = /** @type {any} */ (globalThis).d3;
  const points = nodes.map((node, index) => ({
    id: node.id,
    band: BANDS.indexOf(node.band) * 240,
    x: BANDS.indexOf(node.band) * 240,
    y: ((index * 7) % nodes.length) * 20,
  }));
  const links = lines.map((line) => ({ source: line.a.id, target: line.b.id }));
  d3.forceSimulation(points)
    .stop()
    .force("band", d3.forceX((/** @type {{band: number}} */ point) => point.band).strength(0.9))
    .force("middle", d3.forceY(0).strength(0.03))
    .force("lines", d3.forceLink(links).id((/** @type {{id: string}} */ p) => p.id).distance(60))
    .force("apart", d3.forceCollide(20))
    .tick(nodes.length > 100 ? 120 : 300);
  return new Map(points.map((point) => [point.id, point.y]));
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
