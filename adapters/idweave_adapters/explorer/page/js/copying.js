// @ts-check
/** Texts into the clipboard. */

import { el } from "./dom.js";

const BACK_MS = 2000;

/**
 * Make a button that copies a text and says that it did.
 *
 * @param {() => string} text asked for when the button is used
 * @param {string} label "Copy"
 * @param {string} [name] what a screen reader calls it, beginning with the label
 * @returns {HTMLButtonElement}
 */
export function copyButton(text, label, name) {
  const said = el("span", { role: "status" }, label);
  const button = el("button", { type: "button", class: "copy quiet", "aria-label": name }, said);
  button.addEventListener("click", () => {
    void copied(text()).then((isDone) => {
      said.textContent = isDone ? "Copied" : "Could not copy";
      setTimeout(() => (said.textContent = label), BACK_MS);
    });
  });
  return button;
}

/**
 * Put *text* into the clipboard.
 *
 * @param {string} text
 * @returns {Promise<boolean>} false: the browser refuses
 */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text); // over plain HTTP there is no clipboard of its own
  }
}

/** @param {string} text */
function copiedByHand(text) {
  const field = el("textarea", { class: "unseen", "aria-hidden": "true", tabindex: "-1" });
  const focused = document.activeElement;
  field.value = text;
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isDone;
}
