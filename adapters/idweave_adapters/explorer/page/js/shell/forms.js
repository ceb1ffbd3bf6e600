// @ts-check
/** What can be put into the box: shown where somebody may wonder. */

import { el } from "../dom.js";
import { kindSign } from "../draw/sign.js";

/** @type {[form: string, words: string][]} */
const FORMS = [
  ["app:647733:1015", "an id as one app sees it"],
  ["page:300451:2744", "an id as one Page sees it"],
  ["1015", "the same without its app or Page"],
  ["token:AbX3…", "a business token"],
  ["code:7d1f…", "the hash of a linking code"],
  ["p_04ce…", "a person id, also an ended one"],
];

/** Return a list of the forms, each with what it is. */
export function forms() {
  return el(
    "dl",
    { class: "forms" },
    FORMS.map(([form, words]) =>
      el(
        "div",
        null,
        el("dt", null, /^(p_|\d)/.test(form) ? null : kindSign(form), " ", el("code", null, form)),
        el("dd", null, words),
      ),
    ),
  );
}
