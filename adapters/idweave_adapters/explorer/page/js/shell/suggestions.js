// @ts-check
/** The list below a combobox, as the ARIA practices describe it. */

import { el, replace } from "../dom.js";
import { marked } from "./finding.js";
import { kindSign } from "../draw/sign.js";
import { memberKind, short } from "../words.js";

/** @typedef {import("./finding.js").Hit} Hit */

/** A list of hits; the focus stays in the field. */
export class Suggestions {
  /**
   * @param {HTMLInputElement} field
   * @param {(hit: Hit) => void} onPick
   */
  constructor(field, onPick) {
    this.field = field;
    this.onPick = onPick;
    this.element = el("ul", {
      class: "suggestions",
      id: "suggestions",
      role: "listbox",
      "aria-label": "Suggestions",
      hidden: true,
    });
    /** @type {Hit[]} */
    this.hits = [];
    this.at = -1;
  }

  /** The hit that the arrow keys have come to. */
  get chosen() {
    return this.hits[this.at] ?? null;
  }

  /**
   * Open with these; without any it is closed.
   *
   * @param {Hit[]} hits
   * @param {string} q what was typed
   */
  show(hits, q) {
    this.hits = hits;
    replace(this.element, hits.map((hit, number) => this.option(hit, number, q)));
    this.element.hidden = hits.length === 0;
    this.field.setAttribute("aria-expanded", String(hits.length > 0));
    this.move(-1);
  }

  close() {
    this.show([], "");
  }

  /**
   * Take a key that was pressed in the field.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (this.hits.length === 0) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (step) this.move(this.next(step));
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  /**
   * Behind the last comes the field itself, and then the first.
   *
   * @param {number} step
   */
  next(step) {
    const places = this.hits.length + 1;
    return ((this.at + 1 + step + places) % places) - 1;
  }

  /** @param {number} at -1: none is chosen */
  move(at) {
    this.at = at;
    for (const [number, option] of [...this.element.children].entries()) {
      option.setAttribute("aria-selected", String(number === at));
    }
    const option = this.element.children[at];
    if (option) {
      this.field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.field.removeAttribute("aria-activedescendant");
  }

  /**
   * @param {Hit} hit
   * @param {number} number
   * @param {string} q
   */
  option(hit, number, q) {
    const onmousedown = (/** @type {Event} */ event) => event.preventDefault();
    return el(
      "li",
      { role: "option", id: `suggestion-${number}`, onmousedown, onclick: () => this.onPick(hit) },
      hit.id.startsWith("p_") ? null : kindSign(hit.id),
      el("span", { class: "id" }, marked(hit.id, q)),
      el("span", { class: "hint" }, remark(hit)),
    );
  }
}

/** @param {Hit} hit */
function remark({ id, person }) {
  if (!id.startsWith("p_")) return memberKind(id).words;
  return person && person !== id ? `Person, now ${short(person)}` : "Person";
}
