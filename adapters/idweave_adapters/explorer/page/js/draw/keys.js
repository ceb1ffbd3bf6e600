// @ts-check
/**
 * Where an arrow key leads in a graph: from a node onto the line that leads that way, from a
 * line to the node at its end, and where no line leads that way to the nearest node there.
 */

/** @typedef {import("./model.js").GraphModel} GraphModel */
/** @typedef {import("./model.js").GraphNode} GraphNode */
/** @typedef {import("./model.js").GraphLine} GraphLine */
/** @typedef {{node: GraphNode, line?: GraphLine}} Stand a node, or a line and whence one came */

/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};
/** How far off an arrow's direction something may lie: 60 degrees. */
const WIDEST = Math.cos(Math.PI / 3);

/**
 * Say where a key leads.
 *
 * @param {GraphModel} model
 * @param {Stand} stand
 * @param {string} key "ArrowUp", "Home", …
 * @returns {Stand | null} null: the key is none of ours, or nothing lies there
 */
export function stepped(model, stand, key) {
  const [first, last] = [model.nodes[0], model.nodes.at(-1)];
  if (key === "Home" && first) return { node: first };
  if (key === "End" && last) return { node: last };
  const arrow = ARROWS[key];
  if (!arrow) return null;
  return stand.line ? fromLine(stand.node, stand.line, arrow) : fromNode(model, stand.node, arrow);
}

/**
 * @param {GraphModel} model
 * @param {GraphNode} node
 * @param {[number, number]} arrow
 * @returns {Stand | null}
 */
function fromNode(model, node, arrow) {
  const line = nearest(node, node.lines, (each) => otherEnd(each, node), arrow);
  if (line) return { node, line };
  const next = nearest(node, model.nodes, (each) => each, arrow);
  return next ? { node: next } : null;
}

/**
 * Along the line to either end; across it to the next line of the node one came from.
 *
 * @param {GraphNode} node
 * @param {GraphLine} line
 * @param {[number, number]} arrow
 * @returns {Stand | null}
 */
function fromLine(node, line, [right, down]) {
  const end = otherEnd(line, node);
  const [dx, dy] = [end.x - node.x, end.y - node.y];
  const isFlat = Math.abs(dx) >= Math.abs(dy);
  const along = isFlat ? right * Math.sign(dx) : down * Math.sign(dy);
  if (along) return { node: along > 0 ? end : node };
  const around = [...node.lines].sort((one, two) => height(one, node) - height(two, node));
  const place = around.indexOf(line) + right + down;
  return { node, line: around.at(place % around.length) ?? line };
}

/**
 * @param {GraphLine} line
 * @param {GraphNode} node
 */
function height(line, node) {
  const end = otherEnd(line, node);
  return end.y + end.x / 1e4;
}

/**
 * Return the end of a line that is not *node*.
 *
 * @param {GraphLine} line
 * @param {GraphNode} node
 */
export function otherEnd(line, node) {
  return line.a === node ? line.b : line.a;
}

/**
 * @template Thing
 * @param {GraphNode} from
 * @param {Iterable<Thing>} things
 * @param {(thing: Thing) => GraphNode} placeOf
 * @param {[number, number]} arrow
 * @returns {Thing | null}
 */
function nearest(from, things, placeOf, [right, down]) {
  let best = null;
  let least = Infinity;
  for (const thing of things) {
    const { x, y } = placeOf(thing);
    const far = Math.hypot(x - from.x, y - from.y);
    const cosine = ((x - from.x) * right + (y - from.y) * down) / far;
    const cost = far / cosine;
    if (far && cosine >= WIDEST - 1e-9 && cost < least) [best, least] = [thing, cost];
  }
  return best;
}
