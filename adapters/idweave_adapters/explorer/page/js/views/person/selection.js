// @ts-check
/** What is chosen of a person: one node or line, shown in the address, and ids for a why. */

/** @typedef {import("../../main.js").Context} Context */

/**
 * @typedef {object} Selection
 * @property {string | null} id a member or a line, as `lineId` names it
 * @property {string | null} first the member that is chosen for why, while a second is not
 * @property {(id: string, event: Event) => void} picked by hand; with Shift for why
 * @property {(id: string | null) => void} show choose without a trace in the address
 * @property {() => void} clear
 * @property {(id: string) => void} forWhy the second one leads to the reasons
 * @property {(listener: (id: string | null, event?: Event) => void) => void} onChange
 */

/**
 * Make the selection of one person.
 *
 * @param {string} person
 * @param {(id: string) => boolean} isKnown whether that is a node or a line of the person
 * @param {Context} context
 * @returns {Selection}
 */
export function newSelection(person, isKnown, context) {
  /** @type {((id: string | null, event?: Event) => void)[]} */
  const listeners = [];
  /** @param {Event} [event] */
  const tell = (event) => {
    for (const listener of listeners) listener(selection.id, event);
  };
  /**
   * @param {string | null} id
   * @param {Event} [event]
   */
  const put = (id, event) => {
    selection.id = id !== null && isKnown(id) ? id : null;
    tell(event);
  };

  /** @type {Selection} */
  const selection = {
    id: null,
    first: null,
    picked(id, event) {
      const isShift = event instanceof MouseEvent || event instanceof KeyboardEvent ? event.shiftKey : false;
      if (isShift && !id.includes(" ")) return selection.forWhy(id);
      put(id, event);
      remember(person, id, context);
    },
    show: (id) => put(id),
    clear() {
      if (selection.id === null) return;
      put(null);
      remember(person, null, context);
    },
    forWhy(id) {
      const member = selection.id?.includes(" ") ? null : selection.id;
      const other = selection.first ?? (member === id ? null : member);
      if (other !== null && other !== id) {
        if (context.may("explain")) context.go(context.routeTo.why(other, id));
        return;
      }
      selection.first = selection.first === id ? null : id;
      context.announce(selection.first ? `${id} is chosen for why. Choose another id.` : "Nothing is chosen for why.");
      tell();
    },
    onChange: (listener) => void listeners.push(listener),
  };
  return selection;
}

/**
 * Return the permalink of a node or line of a person.
 *
 * @param {string} person
 * @param {string} id
 * @param {Context} context
 */
export function selectedRoute(person, id, { routeTo }) {
  const route = routeTo.person(person);
  return `${route}${route.includes("?") ? "&" : "?"}${new URLSearchParams({ select: id })}`;
}

/**
 * Let the address name what is chosen, without leaving the view.
 *
 * @param {string} person
 * @param {string | null} id
 * @param {Context} context
 */
function remember(person, id, context) {
  const hash = id === null ? context.routeTo.person(person) : selectedRoute(person, id, context);
  if (hash !== location.hash) history.pushState(null, "", hash);
}
