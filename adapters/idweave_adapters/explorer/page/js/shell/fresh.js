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

/** @typedef {{source: string, behind: number | null} | null | undefined} Status */

/**
 * Write what a status says.
 *
 * @param {HTMLElement} place
 * @param {Status} status null: the server is away; undefined: nobody is signed in
 */
export function tellFreshness(place, status) {
  place.hidden = status === undefined;
  const [state, text] = told(status);
  place.dataset["state"] = state;
  // Only a change is one to a screen reader.
  if (place.textContent !== text) place.textContent = text;
}

/** @param {HTMLElement} place */
async function renew(place) {
  const { key } = session;
  if (document.hidden || !key) return;
  const status = await ask("/v1/status").catch(() => null);
  if (session.key === key) tellFreshness(place, status);
}

/**
 * @param {Status} status
 * @returns {[state: string, text: string]}
 */
function told(status) {
  if (status === undefined) return ["", ""];
  if (status === null) return ["away", "No answer from the server; what is shown may be old"];
  const { source, behind } = status;
  if (source === "snapshot") return ["fresh", "From a snapshot"];
  if (behind === null) return ["behind", "How far behind the topics is not known now"];
  return behind === 0 ? ["fresh", "Up to date"] : ["behind", `${count(behind, "record")} behind`];
}
