// @ts-check
/** Questions to the query API of the same origin, with the key of whoever signed in. */

const KEY = "idweave.key";
const BUSINESS = "idweave.business";
/** The one path about no business; it takes no parameter. */
const STATUS = "/v1/status";

/** Why there is no answer, in words for people. */
export class Problem extends Error {
  /**
   * @param {number} status of HTTP; 0: the server can't be reached
   * @param {string} title
   * @param {string} [detail]
   */
  constructor(status, title, detail = "") {
    super(title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

/**
 * The key and the business, kept for this tab only: they are gone when it is closed.
 */
export const session = {
  get key() {
    return sessionStorage.getItem(KEY) ?? "";
  },
  set key(key) {
    keep(KEY, key);
  },
  get business() {
    return sessionStorage.getItem(BUSINESS) ?? "";
  },
  set business(name) {
    keep(BUSINESS, name);
  },
};

/**
 * Ask the API and return its answer, a JSON object.
 *
 * Every part of the path that comes from elsewhere must be passed through
 * `encodeURIComponent`. The chosen business is added. With a body it is a POST.
 *
 * @param {string} path "/v1/…"
 * @param {Record<string, string | number | null | undefined>} [parameters] those with null
 *   or undefined are left out
 * @param {{signal?: AbortSignal, body?: unknown}} [options]
 * @returns {Promise<any>}
 * @throws {Problem} the answer is none of 2xx, or there is none
 * @throws {DOMException} `AbortError`: the signal was given
 */
export async function ask(path, parameters = {}, { signal, body } = {}) {
  const response = await sent(address(path, parameters), signal, body);
  const answer = await read(response);
  if (!response.ok) {
    const title = answer?.title ?? `The server answered ${response.status}.`;
    throw new Problem(response.status, title, answer?.detail);
  }
  if (answer === null) throw new Problem(response.status, "The answer is no JSON.");
  return answer;
}

/**
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} parameters
 */
function address(path, parameters) {
  const query = new URLSearchParams();
  const all = path === STATUS ? parameters : { business: session.business, ...parameters };
  for (const [name, value] of Object.entries(all)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  const search = query.toString();
  return search ? `${path}?${search}` : path;
}

/**
 * @param {string} url
 * @param {AbortSignal | undefined} signal
 * @param {unknown} body
 */
async function sent(url, signal, body) {
  /** @type {Record<string, string>} */
  const headers = { Authorization: `Bearer ${session.key}`, Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ?? null,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, "The server can't be reached.", "Is `idweave api` still running?");
  }
}

/** @param {Response} response */
async function read(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    return null;
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
function keep(name, value) {
  if (value) sessionStorage.setItem(name, value);
  else sessionStorage.removeItem(name);
}
