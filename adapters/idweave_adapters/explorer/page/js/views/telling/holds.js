// @ts-check
/** Lookups that are stopped: what that means, and what to do. */

import { el } from "../../dom.js";
import { at } from "../../words.js";
import { assetWords } from "./events.js";

/**
 * @typedef {object} Hold as the API tells it
 * @property {{kind: string, id: string} | null} asset
 * @property {string} reason
 * @property {number} since_ms
 * @property {number} probe_ms
 */

/** @type {Record<string, [why: string, what: string]>} */
const REASONS = {
  "policy-hold": [
    "Meta reviews the business, or has stopped it",
    "Follow the review in Meta's Business Manager. Nothing is asked until the next probe.",
  ],
  "no-credential": [
    "there is no credential for it",
    "Add the app's secret or the Page's token to the credentials.",
  ],
  "credential-refused": [
    "Meta refuses the token",
    "Replace the token, which is expired or revoked, or the app secret.",
  ],
  "permission-denied": [
    "the app lacks a permission",
    "Check the app's permissions and its App Review.",
  ],
  configuration: [
    "the Graph API could not be asked in this way",
    "Check graph_api_version, and whether the workers trust the certificate of graph_api_url.",
  ],
};

/**
 * Tell of one hold: a list item.
 *
 * @param {Hold} hold
 */
export function holdItem({ asset, reason, since_ms, probe_ms }) {
  const [why, what] = REASONS[reason] ?? [reason, "See `idweave holds`."];
  const whose = asset ? `Lookups of ${assetWords(asset)} are stopped` : "All lookups are stopped";
  return el(
    "li",
    { class: "hold" },
    el("p", null, el("strong", null, `${whose}: ${why}.`), " Since ", at(since_ms), "."),
    el("p", null, what, " Next probe: ", at(probe_ms), ". What waits is not lost."),
  );
}
