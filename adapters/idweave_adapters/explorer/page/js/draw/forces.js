// @ts-check
/** The order in which lines cross least, found by d3-force in one go. */

/** @typedef {import("./model.js").GraphModel} GraphModel */

const BANDS = ["apps", "between", "pages"];
/** How far apart bands are, next to the length of a line. */
const BAND = 240;

/**
 * Let forces move everything up and down until what is linked stands side by side; say how
 * high each node is then. The same graph always comes out the same.
 *
 * @param {GraphModel} model
 * @returns {Map<string, number>} by id
 */
export function forcedHeights({ nodes, lines }) {
  const d3 = /** @type {any} */ (globalThis).d3;
  const points = nodes.map((node, index) => ({
    id: node.id,
    band: BANDS.indexOf(node.band) * BAND,
    x: BANDS.indexOf(node.band) * BAND,
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
