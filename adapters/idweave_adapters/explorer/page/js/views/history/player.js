// @ts-check
/** The controls of a replay: a slider, buttons, and a clock that the reader starts. */

import { el } from "../../dom.js";

const STEP_MS = 1400;

/**
 * @typedef {object} Player
 * @property {HTMLElement} element
 * @property {(number: number) => void} move show that step, counted from 0
 */

/**
 * Make the controls. Where less motion is wanted nothing plays by itself: one steps.
 *
 * @param {object} what
 * @param {number} what.steps how many there are, at least one
 * @param {number} what.start counted from 0
 * @param {(number: number) => string} what.name of a step
 * @param {(number: number, isToBeTold: boolean) => void} what.onStep whether a screen reader
 *   has to be told: it reads the slider by itself, and nobody can listen while it plays
 * @param {AbortSignal} what.signal stops it
 * @returns {Player}
 */
export function player({ steps, start, name, onStep, signal }) {
  let now = start;
  let clock = 0;
  const slider = el("input", { type: "range", min: 1, max: steps, step: 1, "aria-label": "Step of the history" });
  const place = el("span", { class: "player-place" });
  const stop = () => {
    clearInterval(clock);
    clock = 0;
    play.textContent = "Play";
  };
  const move = (/** @type {number} */ wanted) => {
    now = Math.min(Math.max(wanted, 0), steps - 1);
    slider.value = String(now + 1);
    slider.setAttribute("aria-valuetext", `Step ${now + 1} of ${steps}: ${name(now)}`);
    place.textContent = `${now + 1} of ${steps}`;
    const focused = document.activeElement;
    first.disabled = back.disabled = now === 0;
    further.disabled = last.disabled = now === steps - 1;
    if (focused instanceof HTMLButtonElement && focused.disabled && element.contains(focused)) slider.focus();
    if (now === steps - 1) stop();
    onStep(now, clock === 0 && document.activeElement !== slider);
  };
  const begin = () => {
    clock = setInterval(() => move(now + 1), STEP_MS);
    play.textContent = "Pause";
    move(now === steps - 1 ? 0 : now + 1);
  };
  const onPlay = () => (clock ? stop() : begin());
  const by = (/** @type {() => number} */ wanted) => () => {
    stop();
    move(wanted());
  };
  const first = button("First", by(() => 0));
  const back = button("Back", by(() => now - 1));
  const play = button("Play", onPlay);
  const further = button("Next", by(() => now + 1));
  const last = button("Last", by(() => steps - 1));
  slider.addEventListener("input", by(() => Number(slider.value) - 1));
  signal.addEventListener("abort", stop);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const element = el(
    "div",
    { class: "player", role: "group", "aria-label": "Replay" },
    el("div", { class: "player-buttons" }, first, back, !calm && steps > 1 && play, further, last, place),
    slider,
  );
  return { element, move: (wanted) => (stop(), move(wanted)) };
}

/**
 * @param {string} words
 * @param {() => void} onclick
 */
function button(words, onclick) {
  return el("button", { type: "button", onclick }, words);
}
