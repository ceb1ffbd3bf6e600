// @ts-check
/** What the page says of itself: to screen readers, and in the browser's title. */

/**
 * Let screen readers say *text* when they are done with what they say now.
 *
 * @param {string} text
 */
export function announce(text) {
  const announcer = /** @type {HTMLElement} */ (document.getElementById("announcer"));
  // The same text again is no change, so it would not be read out.
  announcer.textContent = announcer.textContent === text ? `${text}\u00a0` : text;
}

/** @param {string} title of the view */
export function entitle(title) {
  document.title = `${title} – idweave`;
}
