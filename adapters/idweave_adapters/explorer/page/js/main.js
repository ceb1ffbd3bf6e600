// @ts-check
/** Starts the page, and shows the view that the address names. */

import { Problem, ask, session } from "./api.js";
import { el, replace } from "./dom.js";
import { linkTo, parse, routeTo } from "./routes.js";
import { announce, entitle } from "./shell/announcing.js";
import { leadTo } from "./shell/focus.js";
import { tellFreshness, watchFreshness } from "./shell/fresh.js";
import { takeKey } from "./shell/key.js";
import { isLost, whenLost } from "./shell/losing.js";
import { elsewhere, offerSession, offerViews, startOf } from "./shell/navigation.js";
import { fault, noBusiness, noVerb, noView, problem } from "./shell/problems.js";
import { offerSearch } from "./shell/searchbox.js";
import { askForKey } from "./shell/signin.js";
import { offerTheme } from "./shell/theme.js";
import { loaded, viewOf } from "./shell/views.js";

/** @typedef {import("./routes.js").Route} Route */

/**
 * @typedef {object} Context what a view works with
 * @property {typeof ask} ask stops by itself when the view is left
 * @property {typeof routeTo} routeTo
 * @property {(hash: string) => void} go
 * @property {(text: string) => void} announce for screen readers
 * @property {AbortSignal} signal given when the view is left
 * @property {string} business the one that is looked at
 * @property {(verb: string) => boolean} may whether the key has this verb
 * @property {(listener: (route: Route) => boolean) => void} follow be told of a new address
 *   first; true: the view shows it itself
 */

/**
 * @typedef {object} Credential
 * @property {string[]} businesses
 * @property {string[]} verbs
 * @property {string} source
 * @property {number | null} behind
 */

const LOST = "This key opens nothing: it is wrong, or it has expired or been revoked.";
const place = at("place");
let leaving = new AbortController();
/** @type {Credential | null} */
let credential = null;
let isFirst = true;
/** @type {((route: Route) => boolean) | null} */
let follow = null;

/** Show what the address names. Whatever was shown before is told to stop. */
async function show() {
  leaving.abort();
  leaving = new AbortController();
  follow = null;
  const { signal } = leaving;
  if (takeKey()) credential = null;
  if (!session.key) return signIn("");
  const before = document.activeElement;
  const section = el("div", { class: "view", "aria-busy": "true" });
  replace(place, section);
  try {
    credential ??= await admitted(signal);
    if (!signal.aborted) await open(section, parse(location.hash), credential, signal);
  } catch (error) {
    if (!signal.aborted) failed(section, error);
  }
  if (signal.aborted) return;
  section.removeAttribute("aria-busy");
  if (!isFirst) leadTo(section, before);
  isFirst = false;
}

/**
 * Learn what the key is for.
 *
 * @param {AbortSignal} signal given: it may be the answer to another key's question
 * @returns {Promise<Credential>}
 */
async function admitted(signal) {
  const found = await ask("/v1/status", {}, { signal });
  tellFreshness(at("fresh"), found);
  offerSearch(at("find"), { go, announce, mayRead: found.verbs.includes("read") });
  return found;
}

/**
 * @param {Element} section
 * @param {Route} route
 * @param {Credential} known
 * @param {AbortSignal} signal
 */
async function open(section, route, known, signal) {
  const { businesses, verbs } = known;
  const wanted = route.query["business"] || session.business || (businesses[0] ?? "");
  const isMine = businesses.includes(wanted);
  choose(isMine ? wanted : (businesses[0] ?? ""), businesses);
  offerViews(at("views"), verbs, route);
  const view = viewOf(route.view);
  if (!isMine) return noBusiness(section, businesses);
  const start = isBare(route) && !verbs.includes("read") && startOf(verbs);
  if (start) return location.replace(start);
  if (!view) return noView(section);
  if (!verbs.includes(view.verb)) return noVerb(section, view.verb);
  const { show: draw } = await loaded(view);
  const title = await draw(section, route, context(signal, verbs));
  if (!signal.aborted) entitle(title);
}

/** @param {Route} route what an address leads to that names nothing */
function isBare({ view, query }) {
  return view === "search" && !query["q"];
}

/**
 * @param {AbortSignal} signal
 * @param {string[]} verbs
 * @returns {Context}
 */
function context(signal, verbs) {
  return {
    ask: (path, parameters, options) => ask(path, parameters, { signal, ...options }).catch(whenLost(signal, end)),
    routeTo,
    go,
    announce,
    signal,
    business: session.business,
    may: (verb) => verbs.includes(verb),
    follow: (listener) => {
      if (!signal.aborted) follow = listener;
    },
  };
}

/**
 * @param {string} business
 * @param {string[]} businesses
 */
function choose(business, businesses) {
  session.business = business;
  linkTo(business);
  const onBusiness = (/** @type {string} */ name) => {
    linkTo(name);
    go(elsewhere(parse(location.hash)));
  };
  offerSession(at("session"), businesses, business, { onBusiness, onEnd: signOut });
}

function signOut() {
  sessionStorage.clear(); // with the name of who decides: the next one is somebody else
  linkTo("");
  history.replaceState(null, "", `${location.pathname}#/search`);
  void show();
}

/** @param {string} why empty: nobody has tried yet */
function signIn(why) {
  credential = null;
  for (const name of ["find", "views"]) at(name).hidden = true;
  for (const name of ["find", "views", "session", "announcer"]) replace(at(name));
  tellFreshness(at("fresh"), undefined);
  entitle("Sign in");
  askForKey(place, why, () => void show());
}

/**
 * @param {Element} section
 * @param {unknown} error
 */
function failed(section, error) {
  if (isLost(error)) return end();
  if (error instanceof Problem) return problem(section, error, () => void show());
  fault(section);
  reportError(error); // to the console, where its place is told
}

/** Show nothing any more: the key opens nothing. */
function end() {
  leaving.abort();
  follow = null;
  session.key = "";
  signIn(LOST);
}

/** @param {string} hash */
function go(hash) {
  if (location.hash === hash) void show();
  else location.hash = hash;
}

/** @param {string} id */
function at(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

at("skip").addEventListener("click", (event) => {
  event.preventDefault(); // what follows the # is the route
  place.focus();
});
addEventListener("hashchange", () => {
  if (!follow?.(parse(location.hash))) void show();
});
offerTheme(at("theme"));
watchFreshness(at("fresh"));
void show();
