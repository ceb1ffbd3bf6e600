// @ts-check
/** The graph of a person: members as nodes in lanes, proofs as lines, all by mouse and keys. */

import { el, replace } from "../dom.js";
import { marksOf, world } from "./drawn.js";
import { bar, frame } from "./frame.js";
import { stepped } from "./keys.js";
import { laidOut } from "./layout.js";
import { legend } from "./legend.js";
import { graphModel } from "./model.js";
import { viewport } from "./viewport.js";

/** @typedef {import("./model.js").GraphModel} GraphModel */
/** @typedef {import("./model.js").GraphNode} GraphNode */
/** @typedef {import("./model.js").GraphLine} GraphLine */
/** @typedef {import("./model.js").Proof} Proof */

/**
 * @typedef {object} GraphParts
 * @property {Iterable<import("../words.js").Member | string>} members documents, or texts
 * @property {Iterable<Proof>} proofs
 * @property {string} [name] what the graph is of, for screen readers
 * @property {Iterable<string>} [lit] ids of members and lines (`lineId`) that stand out; all
 *   others are dim
 * @property {Iterable<string>} [dim] ids that are dim
 * @property {Iterable<string>} [gone] ids that are drawn dotted
 * @property {Iterable<string>} [added] ids that are drawn thick
 * @property {string} [litWords] what that means, for the legend
 * @property {string} [goneWords] "falls away"
 * @property {string} [addedWords] "new"
 * @property {(member: string, event: Event) => void} [onNode] chosen by click or Enter; the
 *   event's shiftKey says whether Shift was held
 * @property {(proofs: Proof[], line: string, event: Event) => void} [onProof]
 * @property {() => void} [onEscape]
 */

/**
 * @typedef {object} Drawing
 * @property {(id: string | null) => void} select mark this member or line, and no other
 * @property {(id: string) => void} focus
 * @property {(ids: Iterable<string>) => void} choose mark these members as chosen for a question
 */

/** More members than this are told, not drawn. */
export const MOST_MEMBERS = 300;

/** More lines than this are drawn thin. */
const MANY_LINES = 40;

let numbers = 0;

/**
 * Draw a graph into *place*, with buttons and legend, in place of what was there. Equal
 * parts give an equal drawing, at once and without motion.
 *
 * @param {Element} place
 * @param {GraphParts} parts
 * @returns {Drawing}
 */
export function drawGraph(place, parts) {
  const model = graphModel(parts.members, parts.proofs);
  const refusal = whyNot(model.nodes.length);
  if (refusal) {
    replace(place, el("p", { class: "graph-none" }, refusal));
    return { select() {}, focus() {}, choose() {} };
  }
  return new Graph(place, model, parts);
}

/** @param {number} many */
function whyNot(many) {
  if (many === 0) return "There is nothing to draw: nobody is left.";
  if (many <= MOST_MEMBERS) return "";
  return `${many} members are too many for a drawing. The tables have all of them.`;
}

class Graph {
  /** @type {import("./drawn.js").Marks} */
  #marks;
  /** @type {import("./keys.js").Stand} */
  #stand;

  /**
   * @param {Element} place
   * @param {GraphModel} model
   * @param {GraphParts} parts
   */
  constructor(place, model, parts) {
    this.model = model;
    this.parts = parts;
    const layout = laidOut(model);
    this.#marks = marksOf(model, layout, parts);
    const drawn = world(model, layout, this.#marks);
    const help = `graph-help-${(numbers += 1)}`;
    this.frame = frame(drawn, layout, parts.name ?? "Graph of the person", help);
    if (model.lines.length > MANY_LINES) this.frame.classList.add("is-dense");
    this.view = viewport(this.frame, drawn, layout);
    this.#stand = { node: /** @type {GraphNode} */ (model.nodes[0]) };
    this.#reachable(this.#stand.node.id);
    const scroll = el("div", { class: "graph-scroll" }, this.frame);
    this.#listen(scroll);
    replace(place, el("div", { class: "graph" }, bar(help, this.view), scroll, legend(model, parts)));
  }

  /** @param {string | null} id */
  select(id) {
    for (const [name, mark] of this.#marks) {
      const isIt = name === id;
      mark.classList.toggle("is-selected", isIt);
      mark.setAttribute("aria-pressed", String(isIt));
      mark.classList.toggle("is-beside", id !== null && !isIt && isBeside(name, id));
    }
    this.frame.classList.toggle("has-selected", id !== null && this.#marks.has(id));
    if (id !== null) this.#reachable(id);
  }

  /** @param {string} id */
  focus(id) {
    this.#reachable(id);
    this.#marks.get(id)?.focus({ preventScroll: false });
  }

  /** @param {Iterable<string>} ids */
  choose(ids) {
    const chosen = new Set(ids);
    for (const [id, mark] of this.#marks) mark.classList.toggle("is-chosen", chosen.has(id));
  }

  /**
   * Of all marks one is reached with Tab: the one where one stands.
   *
   * @param {string} id
   */
  #reachable(id) {
    const mark = this.#marks.get(id);
    if (!mark) return;
    for (const other of this.#marks.values()) other.setAttribute("tabindex", "-1");
    mark.setAttribute("tabindex", "0");
    const line = this.model.lines.find((each) => each.id === id);
    const node = this.model.nodes.find((each) => each.id === id);
    if (node) this.#stand = { node };
    else if (line) this.#stand = { node: this.#endOf(line), line };
  }

  /** @param {GraphLine} line */
  #endOf(line) {
    return this.#stand.node === line.b ? line.b : line.a;
  }

  /**
   * An SVG that listens for the focus would take it itself, so what is around it listens.
   *
   * @param {Element} around
   */
  #listen(around) {
    around.addEventListener("click", (event) => {
      const id = idAt(event);
      if (id) this.#chosen(id, event);
    });
    around.addEventListener("focusin", (event) => {
      const id = idAt(event);
      if (id) this.#reachable(id);
      // A click must not move what is under the pointer.
      if (event.target instanceof Element && event.target.matches(":focus-visible")) this.view.reveal(this.#stand.node);
    });
    around.addEventListener("keydown", (event) => this.#pressed(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.#done(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was one of ours
   */
  #done(event) {
    const { key } = event;
    const id = idAt(event);
    if ((key === "Enter" || key === " ") && id) return this.#chosen(id, event), true;
    if (key === "Escape") return this.parts.onEscape?.(), true;
    if (key === "+" || key === "=") return this.view.zoom(1.3, this.#stand.node), true;
    if (key === "-") return this.view.zoom(1 / 1.3), true;
    if (key === "0") return this.view.fit(), true;
    const next = stepped(this.model, this.#stand, key);
    if (!next) return key.startsWith("Arrow");
    this.#stand = next;
    this.focus((next.line ?? next.node).id);
    return true;
  }

  /**
   * @param {string} id
   * @param {Event} event
   */
  #chosen(id, event) {
    this.#reachable(id);
    const line = this.model.lines.find((each) => each.id === id);
    if (line) this.parts.onProof?.(line.proofs, id, event);
    else this.parts.onNode?.(id, event);
  }
}

/** @param {Event} event */
function idAt(event) {
  const mark = event.target instanceof Element ? event.target.closest("[data-id]") : null;
  return mark?.getAttribute("data-id") ?? null;
}

/**
 * @param {string} name
 * @param {string} id
 */
function isBeside(name, id) {
  return name.split(" ").includes(id) || id.split(" ").includes(name);
}
