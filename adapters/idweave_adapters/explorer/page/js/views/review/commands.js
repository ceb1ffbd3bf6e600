// @ts-check
/** Commands for a terminal, ready to be copied. The page itself changes nothing. */

import { copyButton } from "../../copying.js";
import { el } from "../../dom.js";

const AUTHOR = "idweave.author";
/** What `idweave` takes at most. */
const MOST = { author: 64, reason: 200 };

/**
 * @typedef {object} Way
 * @property {string} words what comes of it
 * @property {string[]} command "quarantine", "accept"
 */

/**
 * Write a command about two members for a POSIX shell.
 *
 * The ids come on stdin, so that they are in no list of processes.
 *
 * @param {string[]} command
 * @param {[string, string]} members
 * @param {string} author
 * @param {string} reason
 */
export function commandText(command, members, author, reason) {
  const options = `--author=${quoted(author || "NAME")} --reason=${quoted(reason || "WHY")}`;
  return `idweave ${command.join(" ")} - - ${options} <<'IDS'\n${members.join("\n")}\nIDS`;
}

/**
 * Offer commands about two members, with fields for who decides and why.
 *
 * @param {[string, string]} members
 * @param {Way[]} ways
 */
export function commands(members, ways) {
  const author = field("Your name", MOST.author, sessionStorage.getItem(AUTHOR) ?? "");
  const reason = field("Reason, without ids", MOST.reason, "");
  const texts = ways.map(({ command }) => ({ command, code: el("code") }));
  const write = () => {
    sessionStorage.setItem(AUTHOR, author.input.value);
    for (const { command, code } of texts) {
      code.textContent = commandText(command, members, author.input.value, reason.input.value);
    }
  };
  for (const { input } of [author, reason]) input.addEventListener("input", write);
  write();
  const blocks = ways.map((way, number) => block(way, texts[number]?.code ?? el("code")));
  return el(
    "details",
    { class: "commands" },
    el("summary", null, "Decide: commands to copy"),
    el("div", { class: "fields" }, author.label, reason.label),
    blocks,
  );
}

/**
 * @param {Way} way
 * @param {HTMLElement} code
 */
function block({ words, command }, code) {
  const name = `idweave ${command.join(" ")}`;
  const copy = copyButton(() => code.textContent ?? "", "Copy", `Copy ${name}`);
  return el(
    "div",
    { class: "command" },
    el("p", null, words),
    el("pre", { tabindex: 0, role: "region", "aria-label": name }, code),
    copy,
  );
}

/**
 * @param {string} words
 * @param {number} most
 * @param {string} value
 */
function field(words, most, value) {
  const input = el("input", { type: "text", maxlength: most, autocomplete: "off", value });
  return { input, label: el("label", null, words, " ", input) };
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
