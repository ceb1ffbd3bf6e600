// @ts-check
/** Starts the page, and shows the view that the address names. */

import { Problem, ask, session } from "./api.js";
import { el, replace } from "./dom.js";
import { linkTo, parse, routeTo } from "./routes.js";
import { tellFreshness, watchFreshness } from "./shell/fresh.js";
import { takeKey } from "./shell/key.js";
import { offerSession, offerViews } from "./shell/navigation.js";
import { fault, noBusiness, noVerb, noView, problem } from "./shell/problems.js";
import { offerSearch } from "./shell/searchbox.js";
import { askForKey } from "./shell/signin.js";
import { offerTheme } from "./shell/theme.js";

/**
 * @typedef {object} Context what a view works with
 * @property {typeof ask} ask stops by itself when the view is left
 * @property {typeof routeTo} routeTo
 * @property {(hash: string) => void} go
 * @property {(text: string) => void} announce for screen readers
 * @property {AbortSignal} signal given when the view is left
 * @property {string} business the one that is looked at
 * @property {(verb: string) => boolean} may whether the key has this verb
 * @property {(listener: (route: import("./routes.js").Route) => boolean) => void} follow be told
 *   of a new address first; true: the view shows it itself
 */

/**
 * @typedef {{businesses: string[], verbs: string[], source: string, behind: number | null}} Credential
 */

/** @type {Record<string, {verb: string, load: () => Promise<any>}>} */
const VIEWS = {
  search: { verb: "read", load: () => import("./views/search.js") },
  person: { verb: "read", load: () => import("./views/person.js") },
  id: { verb: "read", load: () => import("./views/person.js") },
  why: { verb: "explain", load: () => import("./views/why.js") },
  history: { verb: "explain", load: () => import("./views/history.js") },
  whatif: { verb: "explain", load: () => import("./views/whatif.js") },
  overview: { verb: "overview", load: () => import("./views/overview.js") },
  review: { verb: "review", load: () => import("./views/review.js") },
};

const place = at("place");
let leaving = new AbortController();
/** @type {Credential | null} */
let credential = null;
let isFirst = true;
/** @type {((route: import("./routes.js").Route) => boolean) | null} */
let follow = null;

/** Show what the address names. Whatever was shown before is told to stop. */
async function show() {
  leaving.abort();
  leaving = new AbortController();
  follow = null;
  const { signal } = leaving;
  if (takeKey()) credential = null;
  const route = parse(location.hash);
  const section = el("div", { class: "view", "aria-busy": "true" });
  replace(place, section);
  try {
    if (!(await admitted())) return signIn("");
    await open(section, route, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof Problem && error.status === 401) return signIn(badKey());
    told(section, error);
  }
  if (!signal.aborted) settled(section);
}

/**
 * @param {Element} section
 * @param {import("./routes.js").Route} route
 * @param {AbortSignal} signal
 */
async function open(section, route, signal) {
  const known = /** @type {Credential} */ (credential);
  const wanted = route.query["business"] ?? (session.business || (known.businesses[0] ?? ""));
  if (!known.businesses.includes(wanted)) return noBusiness(section, known.businesses);
  choose(wanted);
  offerViews(at("views"), known.verbs, route);
  const view = VIEWS[route.view];
  if (!view) return noView(section);
  if (!known.verbs.includes(view.verb)) return noVerb(section, view.verb);
  const module = await view.load();
  const title = await module.show(section, route, context(signal, known));
  if (!signal.aborted) document.title = `${title} – idweave`;
}

/**
 * @param {AbortSignal} signal
 * @param {Credential} known
 * @returns {Context}
 */
function context(signal, known) {
  return {
    ask: (path, parameters, options) => ask(path, parameters, { signal, ...options }),
    routeTo,
    go,
    announce,
    signal,
    business: session.business,
    may: (verb) => known.verbs.includes(verb),
    follow: (listener) => {
      if (!signal.aborted) follow = listener;
    },
  };
}

/** Learn what the key is for; false: there is no key. */
async function admitted() {
  if (!session.key) return false;
  if (credential === null) {
    credential = /** @type {Credential} */ (await ask("/v1/status"));
    tellFreshness(at("fresh"), credential);
    const { verbs } = credential;
    offerSearch(at("find"), { go, announce, mayRead: verbs.includes("read") });
  }
  return true;
}

/** @param {string} business */
function choose(business) {
  session.business = business;
  linkTo(business);
  const businesses = credential?.businesses ?? [];
  offerSession(at("session"), businesses, business, { onBusiness: change, onEnd: signOut });
}

/** @param {string} business */
function change(business) {
  session.business = business;
  linkTo(business);
  const { view, parts } = parse(location.hash);
  // A person or an id of one business is nobody in another one.
  const stays = view === "overview" || view === "review";
  go(stays && view === "review" ? reviewOf(parts[0]) : stays ? routeTo.overview() : routeTo.search());
}

/** @param {string | undefined} what */
function reviewOf(what) {
  return what === "refusals"
    ? routeTo.refusals()
    : what === "decisions"
      ? routeTo.decisions()
      : routeTo.quarantine();
}

function signOut() {
  session.key = "";
  session.business = "";
  linkTo("");
  history.replaceState(null, "", `${location.pathname}#/search`);
  void show();
}

/** @param {string} why */
function signIn(why) {
  credential = null;
  for (const name of ["find", "views"]) at(name).hidden = true;
  replace(at("session"));
  document.title = "Sign in – idweave";
  askForKey(place, why, () => void show());
}

function badKey() {
  session.key = "";
  return "This key opens nothing: it is wrong, or it has expired or been revoked.";
}

/**
 * @param {Element} section
 * @param {unknown} error
 */
function told(section, error) {
  if (error instanceof Problem) return problem(section, error, () => void show());
  fault(section);
  throw error;
}

/** @param {Element} section */
function settled(section) {
  section.removeAttribute("aria-busy");
  const heading = section.querySelector("h1");
  if (heading && !isFirst) {
    heading.tabIndex = -1;
    heading.focus();
  }
  isFirst = false;
}

/** @param {string} hash */
function go(hash) {
  if (location.hash === hash) void show();
  else location.hash = hash;
}

/** @param {string} text */
function announce(text) {
  at("announcer").textContent = text;
}

/** @param {string} id */
function at(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

at("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the hash is the route
  place.focus();
});
addEventListener("hashchange", () => {
  if (!follow?.(parse(location.hash))) void show();
});
offerTheme(at("theme"));
watchFreshness(at("fresh"));
void show();
