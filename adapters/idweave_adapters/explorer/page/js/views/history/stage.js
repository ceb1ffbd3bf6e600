// @ts-check
/** A history replayed: who was whom after each of its events. */

import { memberText } from "../../words.js";
import { lineId } from "../../draw/model.js";

/** @typedef {import("../../words.js").Member} Member */
/** @typedef {import("../../draw/model.js").Proof} Proof */
/** @typedef {{topic: string, partition: number, offset: number}} Cause */
/** @typedef {{id: string, members: Member[], absorbed: string[], evidence: Proof[], generation: number}} Person */
/**
 * @typedef {object} Event as the API tells it
 * @property {string} id
 * @property {string} type
 * @property {string} reason
 * @property {number} at_ms
 * @property {Cause} cause
 * @property {Proof[]} evidence
 * @property {Person} [person]
 * @property {string} [about]
 * @property {string} [other]
 * @property {boolean} [redacted]
 * @property {{reason: string, subject: Member, other: {kind: string, id: string}}} [refusal]
 * @property {{asset: {kind: string, id: string}, owned: boolean}} [ownership]
 * @property {{a: string, b: string, author: string, reason: string}[]} [bans]
 * @property {{a: string, b: string, author: string, reason: string, verdict: string}[]} [decisions]
 */
/**
 * @typedef {object} Entry as the API tells it
 * @property {Event} event
 * @property {string[]} gained
 * @property {string[]} lost
 * @property {string[]} joined
 * @property {string[]} released
 */

/**
 * @typedef {object} Step who was whom after one event
 * @property {Entry} entry
 * @property {Person[]} persons those of the history who were there, by id
 * @property {string} changed the person whom the event is about; empty: none of them
 * @property {Set<string>} came members that the person did not have before
 * @property {Proof[]} proofs the evidence of all who were there
 * @property {Set<string>} learned lines of proofs that were not there before
 * @property {Map<string, Member>} went members that nobody of them has any more
 * @property {Proof[]} dropped proofs that are not there any more
 */

/**
 * @typedef {object} Moment one event, between those who were there before and after it
 * @property {Entry} entry
 * @property {Map<string, Person>} before by id
 * @property {Map<string, Person>} there by id
 * @property {string} changed the person whom the event is about; empty: none of them
 */

/**
 * Replay *entries*, which are in the order of generations.
 *
 * Moments share persons, so a long history is no large one; `stepOf` works one out.
 *
 * @param {Entry[]} entries
 * @param {Set<string>} names every person id that the person stands for
 * @returns {Moment[]}
 */
export function replayed(entries, names) {
  /** @type {Map<string, Person>} */
  let there = new Map();
  return entries.map((entry) => {
    const before = there;
    const person = isState(entry.event, names) ? entry.event.person : undefined;
    if (person) there = after(before, person);
    return { entry, before, there, changed: person?.id ?? "" };
  });
}

/**
 * Say whether an event tells how one of *names* was from then on.
 *
 * A quarantine tells of how they were, and changes nobody.
 *
 * @param {Event} event
 * @param {Set<string>} names
 */
function isState({ person }, names) {
  return person !== undefined && names.has(person.id);
}

/**
 * @param {Map<string, Person>} before
 * @param {Person} person
 */
function after(before, person) {
  const there = new Map(before);
  for (const name of person.absorbed) there.delete(name);
  if (person.members.length > 0) there.set(person.id, person);
  else there.delete(person.id);
  return there;
}

/**
 * Work out who was there after an event, and what changed by it.
 *
 * @param {Moment} moment
 * @returns {Step}
 */
export function stepOf({ entry, before, there, changed }) {
  const persons = [...there.values()].sort((one, two) => (one.id < two.id ? -1 : 1));
  const [old, now] = [membersOf(before), membersOf(there)];
  const [had, has] = [proofsOf(before), proofsOf(there)];
  return {
    entry,
    persons,
    changed,
    came: new Set(entry.gained),
    proofs: [...has.values()],
    learned: new Set(missing(has, had).map((proof) => lineId(proof.a, proof.b))),
    went: new Map([...old].filter(([name]) => !now.has(name))),
    dropped: missing(had, has),
  };
}

/** @param {Map<string, Person>} there */
function membersOf(there) {
  const members = [...there.values()].flatMap((person) => person.members);
  return new Map(members.map((member) => [memberText(member), member]));
}

/**
 * @param {Map<string, Person>} there
 * @returns {Map<string, Proof>}
 */
function proofsOf(there) {
  const proofs = [...there.values()].flatMap((person) => person.evidence);
  return new Map(proofs.map((proof) => [`${lineId(proof.a, proof.b)} ${proof.kind}`, proof]));
}

/**
 * @param {Map<string, Proof>} these
 * @param {Map<string, Proof>} those
 */
function missing(these, those) {
  return [...these].filter(([key]) => !those.has(key)).map(([, proof]) => proof);
}
