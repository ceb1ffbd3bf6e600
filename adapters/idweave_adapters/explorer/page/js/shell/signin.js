// @ts-check
/** The form for a key: what is shown until there is one that opens something. */

import { session } from "../api.js";
import { el, replace } from "../dom.js";

/** What a bearer token is made of (RFC 6750); anything else can't be sent at all. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Ask for a key.
 *
 * @param {Element} place
 * @param {string} fault why there is none yet; empty: nothing was tried
 * @param {() => void} onKey called when `session` has one, which may still be a wrong one
 */
export function askForKey(place, fault, onKey) {
  const told = el("p", { class: "fault", id: "key-fault", role: "alert" }, fault);
  const field = input(fault !== "");
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const key = field.value.trim();
    if (!TOKEN.test(key)) {
      told.textContent = "That can't be a key: it holds a character that no key has.";
      field.setAttribute("aria-invalid", "true");
      field.focus();
      return;
    }
    session.key = key;
    onKey();
  };
  replace(place, form(onsubmit, field, told));
  field.focus();
}

/** @param {boolean} isFaulty */
function input(isFaulty) {
  return el("input", {
    type: "password",
    id: "key",
    autocomplete: "current-password",
    spellcheck: "false",
    required: true,
    "aria-describedby": "key-hint key-fault",
    "aria-invalid": isFaulty ? "true" : null,
  });
}

/**
 * @param {(event: Event) => void} onsubmit
 * @param {HTMLElement} field
 * @param {HTMLElement} told
 */
function form(onsubmit, field, told) {
  return el(
    "form",
    { class: "signin card", onsubmit },
    el("h1", null, "Sign in"),
    el("p", { class: "hint" }, "See who is whom in your businesses, and why."),
    el("label", { for: "key" }, "API key"),
    field,
    el(
      "p",
      { class: "hint", id: "key-hint" },
      "Whoever runs idweave makes one with ",
      el("code", null, "idweave keys create"),
      ". It is kept in this tab alone and is gone when the tab is closed.",
    ),
    told,
    el("button", { class: "primary", type: "submit" }, "Sign in"),
  );
}
