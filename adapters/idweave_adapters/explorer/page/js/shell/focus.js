// @ts-check
/** Where the reader stands when a new view is there. */

/**
 * Lead to the heading of *section*, unless somebody went elsewhere or is typing already.
 *
 * @param {Element} section
 * @param {Element | null} before what had the focus when the view was asked for
 */
export function leadTo(section, before) {
  const now = document.activeElement;
  const isTyping = now instanceof HTMLInputElement && now.value !== "";
  const isFree = now === before || now === document.body || now === null;
  const heading = section.querySelector("h1");
  if (!heading || !isFree || isTyping) return;
  heading.tabIndex = -1;
  heading.focus();
}
