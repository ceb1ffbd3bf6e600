// @ts-check
/** What differs between persons before and after: whose each id is, and how each proof counts. */

import { lineId } from "../../draw/model.js";
import { memberText } from "../../words.js";

/**
 * @typedef {import("../../draw/model.js").Proof} Proof
 * @typedef {{id: string, generation: number, members: import("../../words.js").Member[], evidence: Proof[], quarantined: Proof[], absorbed: string[]}} Person
 */

/** @typedef {"holds" | "waits" | "none"} Standing in a person, in quarantine, or not at all */

/**
 * @typedef {object} Comparison
 * @property {{id: string, before: string | null, after: string | null}[]} ids by text, each with
 *   its person
 * @property {{proof: Proof, before: Standing, after: Standing}[]} proofs
 * @property {{gone: Set<string>, added: Set<string>}} marks ids of members and lines, for graphs
 */

/**
 * Compare persons as they are with persons as they would be.
 *
 * @param {Person[]} before
 * @param {Person[]} after
 * @returns {Comparison}
 */
export function compared(before, after) {
  const [was, is] = [ownersOf(before), ownersOf(after)];
  const ids = [...new Set([...was.keys(), ...is.keys()])].sort().map((id) => {
    return { id, before: was.get(id) ?? null, after: is.get(id) ?? null };
  });
  const proofs = proofsOf(before, after);
  return { ids, proofs, marks: marksOf(ids, linesOf(before), linesOf(after)) };
}

/**
 * All proofs that hold persons together.
 *
 * @param {Person[]} persons
 */
export function evidenceOf(persons) {
  return persons.flatMap(({ evidence }) => evidence);
}

/** @param {Person[]} persons */
function ownersOf(persons) {
  const pairs = persons.flatMap(({ id, members }) => members.map((member) => [memberText(member), id]));
  return new Map(/** @type {[string, string][]} */ (pairs));
}

/**
 * @param {Person[]} before
 * @param {Person[]} after
 */
function proofsOf(before, after) {
  /** @type {Map<string, {proof: Proof, before: Standing, after: Standing}>} */
  const rows = new Map();
  const note = (/** @type {"before" | "after"} */ when, /** @type {Standing} */ how, /** @type {Proof} */ proof) => {
    const key = `${proof.kind} ${proof.a} ${proof.b}`;
    const row = rows.get(key) ?? { proof, before: "none", after: "none" };
    rows.set(key, { ...row, [when]: how });
  };
  for (const { evidence, quarantined } of before) {
    quarantined.forEach((proof) => note("before", "waits", proof));
    evidence.forEach((proof) => note("before", "holds", proof));
  }
  for (const { evidence, quarantined } of after) {
    quarantined.forEach((proof) => note("after", "waits", proof));
    evidence.forEach((proof) => note("after", "holds", proof));
  }
  const changed = (/** @type {{before: Standing, after: Standing}} */ row) => Number(row.before === row.after);
  return [...rows.values()].sort((x, y) => changed(x) - changed(y) || x.proof.at_ms - y.proof.at_ms);
}

/** @param {Person[]} persons */
function linesOf(persons) {
  return new Set(evidenceOf(persons).map(({ a, b }) => lineId(a, b)));
}

/**
 * @param {Comparison["ids"]} ids
 * @param {Set<string>} was
 * @param {Set<string>} is
 */
function marksOf(ids, was, is) {
  const gone = new Set([...was].filter((line) => !is.has(line)));
  const added = new Set([...is].filter((line) => !was.has(line)));
  for (const { id, before, after } of ids) {
    if (after === null) gone.add(id);
    if (before === null) added.add(id);
  }
  return { gone, added };
}
