// @ts-check
/** Takes a key out of the address, so that it stays in no history and no copied link. */

import { session } from "../api.js";

/** `#key=<key>`, or with the route that follows: `#key=<key>/person/p_…` */
const LINK = /^#key=([^/]*)(\/.*)?$/;

/**
 * Keep the key that the address holds, and remove it there at once.
 *
 * @returns {boolean} whether there was one
 */
export function takeKey() {
  const found = LINK.exec(location.hash);
  if (!found) return false;
  history.replaceState(null, "", `${location.pathname}#${found[2] ?? "/search"}`);
  session.key = found[1] ?? ""; // of characters that no browser writes otherwise
  session.business = "";
  return true;
}
