// @ts-check
/** What tells that the key opens nothing any more. */

import { Problem } from "../api.js";

/** @param {unknown} error */
export function isLost(error) {
  return error instanceof Problem && error.status === 401;
}

/**
 * Return what takes the fault of a view's question and passes it on.
 *
 * @param {AbortSignal} signal given when the view is left: then it is another key's fault
 * @param {() => void} end called if the key is lost
 * @returns {(error: unknown) => never}
 */
export function whenLost(signal, end) {
  return (error) => {
    if (isLost(error) && !signal.aborted) end();
    throw error;
  };
}
