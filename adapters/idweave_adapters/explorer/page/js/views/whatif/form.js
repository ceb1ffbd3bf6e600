// @ts-check
/** Where a change is stated: what, and about which two ids. */

import { el } from "../../dom.js";
import { memberKind, memberText } from "../../words.js";
import { ACTIONS } from "./changes.js";

/** @typedef {import("./changes.js").Change} Change */
/** @typedef {import("../../words.js").Member} Member */

const FORM = /^(app|page):[^:\s]+:[^:\s]+$|^token:\S+$|^code:[0-9a-f]{32}$/;
const HINT = "Write app:<app>:<user>, page:<page>:<user>, token:<value> or code:<hash>.";

/**
 * @typedef {object} Form
 * @property {HTMLElement} element
 * @property {(action: string | null, ...ids: string[]) => void} fill take ids over; one alone
 *   goes into the first field that is free
 */

/**
 * Make the form. Ids of *members* are offered; any other can be typed.
 *
 * @param {Member[]} members
 * @param {(change: Change) => void} onChange
 * @returns {Form}
 */
export function changeForm(members, onChange) {
  const action = el("select", { name: "action", id: "whatif-action" }, Object.entries(ACTIONS).map(option));
  const [one, two] = [idField("one", "First id"), idField("two", "Second id")];
  const send = (/** @type {Event} */ event) => {
    event.preventDefault();
    const wrong = [one, two].filter((field) => !isGood(field));
    if (wrong[0]) return wrong[0].input.focus();
    onChange({ action: action.value, one: valueOf(one), two: valueOf(two) });
  };
  const element = el(
    "form",
    { class: "whatif-form card", novalidate: true, onsubmit: send, "aria-labelledby": "whatif-ask" },
    el("h2", { id: "whatif-ask" }, "Suppose that somebody would …"),
    el("div", { class: "whatif-fields" }, labelled("whatif-action", "What", action), one.element, two.element),
    el("datalist", { id: "whatif-ids" }, members.map(choice)),
    el("p", { class: "actions" }, el("button", { class: "primary" }, "See what would happen")),
  );
  return { element, fill: filler(action, [one, two]) };
}

/**
 * @param {HTMLSelectElement} action
 * @param {Field[]} fields
 * @returns {Form["fill"]}
 */
function filler(action, fields) {
  return (name, ...ids) => {
    if (name) action.value = name;
    const free = fields.findIndex((field) => !field.input.value.trim());
    const from = ids.length > 1 ? 0 : Math.max(free, 0);
    if (ids.length === 1 && free < 0) for (const { input } of fields) input.value = "";
    ids.forEach((id, number) => {
      const field = fields[from + number];
      if (field) field.input.value = id;
    });
  };
}

/** @typedef {{element: HTMLElement, input: HTMLInputElement, fault: HTMLElement}} Field */

/**
 * @param {string} name
 * @param {string} label
 * @returns {Field}
 */
function idField(name, label) {
  const id = `whatif-${name}`;
  const fault = el("p", { class: "fault", id: `${id}-fault` });
  const input = el("input", {
    type: "text",
    name,
    id,
    list: "whatif-ids",
    maxlength: 600,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-describedby": fault.id,
  });
  return { element: el("div", null, labelled(id, label, input), fault), input, fault };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {HTMLElement} field
 */
function labelled(id, label, field) {
  return el("div", { class: "whatif-field" }, el("label", { for: id }, label), field);
}

/** @param {Field} field */
function isGood(field) {
  const isIt = FORM.test(valueOf(field));
  field.fault.textContent = isIt ? "" : HINT;
  if (isIt) field.input.removeAttribute("aria-invalid");
  else field.input.setAttribute("aria-invalid", "true");
  return isIt;
}

/** @param {Field} field */
function valueOf({ input }) {
  return input.value.trim();
}

/** @param {[string, {offer: string}]} entry */
function option([name, { offer }]) {
  return el("option", { value: name }, offer);
}

/** @param {Member} member */
function choice(member) {
  return el("option", { value: memberText(member) }, memberKind(member).words);
}
