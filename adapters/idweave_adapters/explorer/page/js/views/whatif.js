// @ts-check
/** What would come of a link, a cut, a ban or a decision. Nothing is changed by asking. */

import { drawGraph } from "../draw/graph.js";
import { el, link, replace } from "../dom.js";
import { short } from "../words.js";
import { Problem } from "../api.js";
import { MOST, changeWords, linkOf, readChanges } from "./whatif/changes.js";
import { changeForm } from "./whatif/form.js";
import { result, summary } from "./whatif/result.js";

/** @typedef {import("../main.js").Context} Context */
/** @typedef {import("./whatif/changes.js").Change} Change */
/** @typedef {import("./whatif/compare.js").Person} Person */

/**
 * Ask about a person, with the changes that the address holds.
 *
 * @param {Element} place
 * @param {import("../routes.js").Route} route
 * @param {Context} context
 * @returns {Promise<string>}
 */
export async function show(place, route, context) {
  const name = route.parts[0] ?? "";
  const { person } = await context.ask(`/v1/persons/${encodeURIComponent(name)}`);
  const view = new WhatIf(person, name, context);
  place.append(...view.elements);
  context.follow((next) => view.follows(next));
  await view.take(readChanges(route.query["suppose"]));
  return `What if: ${short(person.id, 14)}`;
}

class WhatIf {
  /** @type {Change[]} */
  #changes = [];
  #supposed = el("section", { class: "whatif-supposed", "aria-label": "Supposed changes" });
  #answer = el("div", { class: "whatif-answer" });
  #number = 0;

  /**
   * @param {Person} person
   * @param {string} name as the address has it
   * @param {Context} context
   */
  constructor(person, name, context) {
    this.person = person;
    this.name = name;
    this.context = context;
    this.form = changeForm(person.members, (change) => this.#add(change));
    this.elements = [heading(person, context), this.form.element, this.#supposed, this.#answer];
  }

  /**
   * Take a new address of this view over; false: it is another view's.
   *
   * @param {import("../routes.js").Route} route
   */
  follows(route) {
    const isOurs = route.view === "whatif" && route.parts[0] === this.name;
    const isHere = !route.query["business"] || route.query["business"] === this.context.business;
    if (!isOurs || !isHere) return false;
    void this.take(readChanges(route.query["suppose"]), true);
    return true;
  }

  /**
   * Ask about *changes* and show what would come of them.
   *
   * @param {Change[]} changes
   * @param {boolean} [isTold] announce it, and let the reader stand there
   */
  async take(changes, isTold = false) {
    this.#changes = changes;
    const number = (this.#number += 1);
    this.#list();
    if (!changes.length) return this.#start(isTold);
    this.#answer.setAttribute("aria-busy", "true");
    try {
      const answer = await this.context.ask("/v1/what-if", {}, { body: { at_ms: Date.now(), changes } });
      if (number === this.#number) this.#tell(answer, isTold);
    } catch (error) {
      if (number === this.#number) this.#fail(error, changes);
    } finally {
      if (number === this.#number) this.#answer.removeAttribute("aria-busy");
    }
  }

  /**
   * @param {import("./whatif/result.js").Answer} answer
   * @param {boolean} isTold
   */
  #tell(answer, isTold) {
    replace(this.#answer, result(answer, this.context));
    if (!isTold) return;
    this.context.announce(summary(answer));
    document.getElementById("whatif-result")?.focus();
  }

  /** @param {boolean} isTold */
  #start(isTold) {
    const figure = el("div", null);
    drawGraph(figure, {
      members: this.person.members,
      proofs: this.person.evidence,
      name: "The person as they are",
      onNode: (id) => this.#pick(null, id),
      onProof: ([proof]) => proof && this.#pick("unlink", proof.a, proof.b),
    });
    const hint = "Choose ids here, or a line to withdraw what it stands for; or write ids above, also of other persons.";
    replace(this.#answer, el("section", { class: "whatif-start" }, el("h2", null, "The person as they are"), el("p", { class: "hint" }, hint), figure));
    if (isTold) this.context.announce("Nothing is supposed.");
  }

  /**
   * @param {string | null} action
   * @param {...string} ids
   */
  #pick(action, ...ids) {
    this.form.fill(action, ...ids);
    this.context.announce(`${ids.join(" and ")} taken over into the question.`);
  }

  /**
   * @param {unknown} error
   * @param {Change[]} changes
   */
  #fail(error, changes) {
    if (this.context.signal.aborted) return; // the view was left, or the key lost
    if (!(error instanceof Problem)) throw error;
    const nobody = "One of these ids is nobody's in this business. Check how they are written.";
    const text = error.status === 404 ? nobody : `${error.title} ${error.detail}`;
    const again = el("button", { type: "button", onclick: () => void this.take(changes, true) }, "Try again");
    replace(this.#answer, el("div", { class: "notice bad", role: "alert" }, el("p", null, text), error.status !== 404 && again));
  }

  /** @param {Change} change */
  #add(change) {
    if (this.#changes.length >= MOST) {
      return this.context.announce(`At most ${MOST} changes can be supposed at once.`);
    }
    this.#go([...this.#changes, change]);
  }

  /** @param {Change[]} changes */
  #go(changes) {
    this.context.go(linkOf(this.name, changes));
  }

  #list() {
    const items = this.#changes.map((change, number) => {
      const words = changeWords(change);
      const remove = () => this.#go(this.#changes.filter((_, each) => each !== number));
      const button = el("button", { type: "button", class: "quiet", "aria-label": `Remove: ${words}`, onclick: remove }, "Remove");
      return el("li", null, words, " ", button);
    });
    const clear = el("button", { type: "button", onclick: () => this.#go([]) }, "Suppose nothing");
    const parts = [el("h2", null, "Supposed, one after the other"), el("ol", null, items), el("p", { class: "actions" }, clear)];
    replace(this.#supposed, items.length > 0 && parts);
    this.#supposed.hidden = !items.length;
  }
}

/**
 * @param {Person} person
 * @param {Context} context
 */
function heading(person, { routeTo }) {
  return el(
    "div",
    { class: "whatif-head" },
    el("h1", null, "What if …"),
    el("p", null, "About person ", link(routeTo.person(person.id), el("span", { class: "id" }, person.id)), ". Nothing is changed by asking."),
  );
}
