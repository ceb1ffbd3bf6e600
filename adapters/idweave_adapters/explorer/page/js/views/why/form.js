// @ts-check
/** The form that asks about any two ids. */

import { el } from "../../dom.js";

/** @typedef {import("../../main.js").Context} Context */

/**
 * Make the form, with what was asked before.
 *
 * @param {string} one
 * @param {string} two
 * @param {Context} context
 */
export function whyForm(one, two, { go, routeTo }) {
  const inputs = [field("One id", one), field("Other id", two)];
  const said = el("p", { class: "fault", role: "alert" });
  const ask = (/** @type {Event} */ event) => {
    event.preventDefault();
    const [first = "", second = ""] = inputs.map(({ input }) => input.value.trim());
    const wrong = inputs.find(({ input }) => !/^(app|page|token|code):./.test(input.value.trim()));
    for (const { input } of inputs) input.setAttribute("aria-invalid", String(input === wrong?.input));
    if (!wrong) return go(routeTo.why(first, second));
    said.textContent = "An id begins with app:, page:, token: or code:, such as app:647733:1015.";
    wrong.input.focus();
  };
  const button = el("button", { type: "submit", class: "primary" }, "Ask why");
  return el(
    "form",
    { class: "why-form", onsubmit: ask, novalidate: true },
    inputs.map(({ label }) => label),
    button,
    said,
  );
}

/**
 * @param {string} text
 * @param {string} value
 */
function field(text, value) {
  const input = el("input", { type: "text", value, spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
  return { input, label: el("label", null, text, input) };
}
