// @ts-check
/** Moving and enlarging a drawing by hand: buttons, keys, wheel with Ctrl, drag. */

/** @typedef {{x: number, y: number}} Point */

/**
 * @typedef {object} Viewport
 * @property {(factor: number, about?: Point) => void} zoom
 * @property {() => void} fit the whole drawing is seen
 * @property {(point: Point) => void} reveal the point of the drawing is seen
 */

const LARGEST = 8;
const SMALLEST = 1;
const STEP = 1.15;

/**
 * Let *world*, all of what is in *frame*, be moved and enlarged. At first all is seen.
 *
 * @param {SVGSVGElement} frame with a viewBox of *size*
 * @param {SVGGElement} world
 * @param {{width: number, height: number}} size
 * @returns {Viewport}
 */
export function viewport(frame, world, size) {
  const view = { x: 0, y: 0, scale: 1 };

  const apply = () => {
    view.x = within(view.x, size.width * (1 - view.scale), 0);
    view.y = within(view.y, size.height * (1 - view.scale), 0);
    world.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`);
    frame.classList.toggle("is-enlarged", view.scale > 1);
  };
  const zoom = (/** @type {number} */ factor, about = center(size)) => {
    const scale = within(view.scale * factor, SMALLEST, LARGEST);
    view.x = about.x - ((about.x - view.x) * scale) / view.scale;
    view.y = about.y - ((about.y - view.y) * scale) / view.scale;
    view.scale = scale;
    apply();
  };
  const move = (/** @type {number} */ dx, /** @type {number} */ dy) => {
    view.x += dx;
    view.y += dy;
    apply();
  };
  const fit = () => {
    Object.assign(view, { x: 0, y: 0, scale: 1 });
    apply();
  };
  const reveal = (/** @type {Point} */ point) => {
    const seen = { x: view.x + point.x * view.scale, y: view.y + point.y * view.scale };
    const edge = 40;
    const isSeen =
      within(seen.x, edge, size.width - edge) === seen.x &&
      within(seen.y, edge, size.height - edge) === seen.y;
    if (!isSeen) move(size.width / 2 - seen.x, size.height / 2 - seen.y);
  };

  fit();
  onWheel(frame, zoom);
  onDrag(frame, move);
  return { zoom, fit, reveal };
}

/**
 * A wheel alone scrolls the page, as everywhere; with Ctrl or ⌘ it enlarges.
 *
 * @param {SVGSVGElement} frame
 * @param {(factor: number, about: Point) => void} zoom
 */
function onWheel(frame, zoom) {
  const turned = (/** @type {WheelEvent} */ event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? STEP : 1 / STEP, inside(frame, event));
  };
  frame.addEventListener("wheel", turned, { passive: false });
}

/**
 * @param {SVGSVGElement} frame
 * @param {(dx: number, dy: number) => void} move
 */
function onDrag(frame, move) {
  /** @type {Point | null} */
  let last = null;
  frame.addEventListener("pointerdown", (event) => {
    const isThing = event.target instanceof Element && event.target.closest("[data-id]");
    if (event.button === 0 && !isThing) last = inside(frame, event);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!last || !frame.classList.contains("is-enlarged")) return;
    frame.setPointerCapture(event.pointerId);
    const now = inside(frame, event);
    move(now.x - last.x, now.y - last.y);
    last = now;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    frame.addEventListener(end, () => (last = null));
  }
}

/**
 * @param {SVGSVGElement} frame
 * @param {MouseEvent} event
 * @returns {Point} in units of the viewBox
 */
function inside(frame, event) {
  const matrix = frame.getScreenCTM();
  const point = new DOMPoint(event.clientX, event.clientY);
  return matrix ? point.matrixTransform(matrix.inverse()) : point;
}

/** @param {{width: number, height: number}} size */
function center({ width, height }) {
  return { x: width / 2, y: height / 2 };
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function within(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
