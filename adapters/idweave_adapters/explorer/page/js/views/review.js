// @ts-check
/** What a person should look at: quarantine, refusals, decisions, and the audit of erasures. */

import { Problem } from "../api.js";
import { el, link, replace } from "../dom.js";
import { decisions, erasures, refusals } from "./review/events.js";
import { showList, unread } from "./review/listing.js";
import { quarantine } from "./review/quarantine.js";

/** @typedef {import("../main.js").Context} Context */

/** @type {Record<string, {title: string, says: string, of: (context: Context) => any}>} */
const LISTS = {
  quarantine: {
    title: "Quarantine",
    says: "Proofs that do not count, because they contradict what older evidence or an operator says. They wait here until somebody decides.",
    of: quarantine,
  },
  refusals: {
    title: "Refusals",
    says: "Links that would have crossed the boundary of the business, so they were not made. The latest first.",
    of: refusals,
  },
  decisions: {
    title: "Decisions",
    says: "What operators said: bans and their ends, links, and words on quarantined proofs. The latest first.",
    of: decisions,
  },
  erasures: {
    title: "Erasures",
    says: "That something was forgotten, when, and how much; never whom. The latest first.",
    of: erasures,
  },
};

/**
 * Show one of the lists, with links to the others and a filter.
 *
 * @param {Element} place
 * @param {import("../routes.js").Route} route its first part names the list
 * @param {Context} context
 * @returns {Promise<string>}
 */
export async function show(place, route, context) {
  const name = route.parts[0] && Object.hasOwn(LISTS, route.parts[0]) ? route.parts[0] : "quarantine";
  const known = LISTS[name];
  if (!known) throw new RangeError("the first list is always there");
  const listing = known.of(context);
  const list = el("div", { class: "listing" });
  let turns = 0;
  const change = async (/** @type {string} */ only) => {
    const turn = (turns += 1); // of two changes the later one counts, whichever is read first
    remember(only);
    try {
      await showList(list, context, listing, only, () => turn === turns);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      replace(list, el("p", { class: "cases-status" }, unread(error)));
    }
    context.announce(list.querySelector(".cases-status")?.textContent ?? "");
  };
  const wanted = chosen(listing.kinds, route.query["only"]);
  place.append(tabs(name, context), el("h1", null, known.title), el("p", { class: "lead" }, known.says));
  place.append(filter(listing.kinds, wanted, change), list);
  await showList(list, context, listing, wanted);
  return known.title;
}

/**
 * @param {string} here
 * @param {Context} context
 */
function tabs(here, { routeTo }) {
  /** @type {Record<string, string>} */
  const routes = {
    quarantine: routeTo.quarantine(),
    refusals: routeTo.refusals(),
    decisions: routeTo.decisions(),
    erasures: routeTo.erasures(),
  };
  const links = Object.entries(LISTS).map(([name, { title }]) =>
    link(routes[name] ?? "", title, { "aria-current": name === here ? "page" : null }),
  );
  return el("nav", { class: "tabs", "aria-label": "Lists to review" }, links);
}

/**
 * @param {[string, string][]} kinds
 * @param {string} wanted
 * @param {(only: string) => Promise<void>} change
 */
function filter(kinds, wanted, change) {
  const options = kinds.map(([kind, words]) => el("option", { value: kind, selected: kind === wanted }, words));
  const onchange = () => change(choice.value).catch(ignoreAbort);
  const choice = el("select", { onchange }, el("option", { value: "" }, "all"), options);
  return el("p", { class: "filter" }, el("label", { class: "inline" }, "Show ", choice));
}

/** @param {unknown} error */
function ignoreAbort(error) {
  if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
}

/**
 * @param {[string, string][]} kinds
 * @param {string | undefined} only
 */
function chosen(kinds, only) {
  return kinds.some(([kind]) => kind === only) ? (only ?? "") : "";
}

/**
 * Keep the filter in the address, without a new view.
 *
 * @param {string} only
 */
function remember(only) {
  const [path = "", search = ""] = location.hash.split("?");
  const query = new URLSearchParams(search);
  if (only) query.set("only", only);
  else query.delete("only");
  const text = query.toString();
  history.replaceState(null, "", text ? `${path}?${text}` : path);
}
