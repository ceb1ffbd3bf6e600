// @ts-check
/** Permalinks: what stands behind the `#` of the address, made and read in one place. */

/**
 * @typedef {object} Route
 * @property {string} view "person", "id", "why", "history", "whatif", "overview", "review", "search"
 * @property {string[]} parts what follows the view, decoded
 * @property {Record<string, string>} query without a prototype
 */

let business = "";

/**
 * Let every route made from now on name this business, so that a link that is passed on
 * opens the same one.
 *
 * @param {string} name empty: none is named
 */
export function linkTo(name) {
  business = name;
}

/** Hashes "#/…" that lead to the views. */
export const routeTo = {
  /** @param {string} id a person id, also an ended one */
  person: (id) => made(["person", id]),
  /** @param {string} member `app:<app>:<user>`, …: its person, with the member chosen */
  id: (member) => made(["id", member]),
  /** @param {string} one @param {string} two */
  why: (one, two) => made(["why", one, two]),
  /** @param {string} person @param {number | string} [at] which entry */
  history: (person, at) => made(["history", person], at === undefined ? {} : { at: String(at) }),
  /** @param {string} person */
  whatIf: (person) => made(["whatif", person]),
  overview: () => made(["overview"]),
  quarantine: () => made(["review", "quarantine"]),
  refusals: () => made(["review", "refusals"]),
  decisions: () => made(["review", "decisions"]),
  erasures: () => made(["review", "erasures"]),
  /** @param {string} [q] */
  search: (q) => made(["search"], q ? { q } : {}),
};

/**
 * Read a hash; an empty one is the search.
 *
 * @param {string} hash "#/person/p_…?business=900"
 * @returns {Route}
 */
export function parse(hash) {
  const [path = "", search = ""] = split(hash.replace(/^#\/?/, ""));
  const [view = "", ...parts] = path.split("/").map(decoded);
  const query = Object.assign(Object.create(null), Object.fromEntries(new URLSearchParams(search)));
  return { view: view || "search", parts: parts.filter(Boolean), query };
}

/**
 * @param {string[]} parts
 * @param {Record<string, string>} [query]
 */
function made(parts, query = {}) {
  const search = new URLSearchParams(business ? { ...query, business } : query).toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

/** @param {string} text */
function split(text) {
  const at = text.indexOf("?");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // somebody wrote a lone % into the address: take it as it is
  }
}
