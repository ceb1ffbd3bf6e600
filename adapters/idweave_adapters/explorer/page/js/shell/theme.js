// @ts-check
/** The choice between the system's theme, light and dark; kept on this device. */

import { el, replace } from "../dom.js";

const NAME = "idweave.theme";
const THEMES = { auto: "System", light: "Light", dark: "Dark" };

/**
 * Put the choice into *place*.
 *
 * @param {Element} place
 */
export function offerTheme(place) {
  const options = Object.entries(THEMES).map(([value, words]) =>
    el("option", { value, selected: value === chosen() }, words),
  );
  const choice = el("select", { onchange: () => choose(choice.value) }, options);
  replace(place, el("label", { class: "inline" }, "Theme ", choice));
}

function chosen() {
  return document.documentElement.dataset["theme"] ?? "auto";
}

/** @param {string} theme */
function choose(theme) {
  const { dataset } = document.documentElement;
  if (theme === "auto") delete dataset["theme"];
  else dataset["theme"] = theme;
  try {
    if (theme === "auto") localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, theme);
  } catch {
    // Storage is shut off: it holds until the page is loaded again.
  }
}
