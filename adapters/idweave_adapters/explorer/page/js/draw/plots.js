// @ts-check
/** The plots there are: each with axes, a text that says the same, and an equal table. */

export { histogram } from "./histogram.js";
export { series } from "./series.js";
