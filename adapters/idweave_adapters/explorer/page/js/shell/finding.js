// @ts-check
/** What a text that somebody typed or pasted may stand for. */

import { Problem, ask } from "../api.js";
import { el } from "../dom.js";
import { routeTo } from "../routes.js";

/**
 * @typedef {object} Hit
 * @property {string} id a member or a person id
 * @property {string} person who has it, or stands for it now
 */

const PERSON = /^p_[0-9a-f]{32}$/;
const MEMBER = /^((app|page):[^:]+:[^:]+|token:.+|code:[0-9a-f]{32})$/;
/** `900/app:…`, as the keys of the topic of aliases are written. */
const KEY = /^[^/:]+\/(?=(app|page):)/;

/**
 * Return the route to what a text names: to one person where it is clear who is meant,
 * and else to the search.
 *
 * @param {string} text
 * @returns {Promise<string>} "#/…"
 */
export async function resolve(text) {
  const q = text.replace(KEY, "");
  if (PERSON.test(q)) return routeTo.person(q);
  try {
    if (MEMBER.test(q) && (await isKnown(q))) return routeTo.id(q);
    const { items } = await ask("/v1/search", { q, limit: 2 });
    const [hit] = items;
    if (items.length === 1 && (hit.id === q || hit.id.endsWith(`:${q}`))) return routeOf(hit);
  } catch {
    // The view of the search asks again, and tells what is wrong.
  }
  return routeTo.search(q);
}

/**
 * Return the route to a hit.
 *
 * @param {Hit} hit
 */
export function routeOf({ id }) {
  return id.startsWith("p_") ? routeTo.person(id) : routeTo.id(id);
}

/**
 * Show an id with the part that *q* found.
 *
 * @param {string} id
 * @param {string} q
 * @returns {(Node | string)[]}
 */
export function marked(id, q) {
  const from = id.startsWith(q) ? 0 : id.lastIndexOf(":") + 1;
  if (!q || !id.startsWith(q, from)) return [id];
  return [id.slice(0, from), el("mark", null, q), id.slice(from + q.length)];
}

/** @param {string} id */
async function isKnown(id) {
  try {
    await ask(`/v1/ids/${encodeURIComponent(id)}`);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
    throw error;
  }
}
