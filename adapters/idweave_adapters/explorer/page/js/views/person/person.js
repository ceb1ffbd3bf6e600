// @ts-check
/** The shape of a person, as the API tells it. */

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {string} business
 * @property {number} generation
 * @property {import("../../words.js").Member[]} members
 * @property {string[]} absorbed
 * @property {import("../../draw/model.js").Proof[]} evidence
 * @property {import("../../draw/model.js").Proof[]} quarantined
 */

/**
 * Ask for the person that a route names: by a person id, or by a member.
 *
 * @param {import("../../routes.js").Route} route
 * @param {import("../../main.js").Context} context
 * @returns {Promise<{person: Person, trail: string[], chosen: string | null}>}
 */
export async function askedFor({ view, parts, query }, { ask }) {
  const name = parts[0] ?? "";
  if (view === "id") {
    const { id, person } = await ask(`/v1/ids/${encodeURIComponent(name)}`);
    return { person, trail: [person.id], chosen: id };
  }
  const { person, trail } = await ask(`/v1/persons/${encodeURIComponent(name)}`);
  return { person, trail, chosen: query["select"] ?? null };
}
