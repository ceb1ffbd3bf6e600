// @ts-check
/** How old what is shown may be: a line that is renewed while the page is looked at. */

import { ask, session } from "../api.js";
import { count } from "../words.js";

const EVERY_MS = 15_000;

/**
 * Keep the line up to date: now and then, and when the page comes to the front.
 *
 * @param {HTMLElement} place
 */
export function watchFreshness(place) {
  const look = () => void renew(place);
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
}

/**
 * Write what a status says.
 *
 * @param {HTMLElement} place
 * @param {{source: string, behind: number | null} | null} status null: the server is away
 */
export function tellFreshness(place, status) {
  place.textContent = words(status);
  place.dataset["state"] = status === null ? "away" : status.behind === 0 ? "fresh" : "behind";
}

/** @param {HTMLElement} place */
async function renew(place) {
  if (document.hidden || !session.key) return;
  try {
    tellFreshness(place, await ask("/v1/status"));
  } catch {
    tellFreshness(place, null);
  }
}

/** @param {{source: string, behind: number | null} | null} status */
function words(status) {
  if (status === null) return "No answer from the server; what is shown may be old.";
  if (status.source === "snapshot") return "From a snapshot";
  if (status.behind === null) return "How far behind the topics is not known now";
  return status.behind === 0 ? "Up to date" : `${count(status.behind, "record")} behind`;
}
