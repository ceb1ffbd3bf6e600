// @ts-check
/** Many numbers put together until they can be seen at once. Nothing is left out. */

/** @typedef {{label: string, title: string, value: number}} SizeBin */
/** @typedef {{day: string, events: Record<string, number>}} Day */

const DAY_MS = 86_400_000;
/** So many bars are the most that can be told apart on a narrow plot. */
const MOST_BINS = 60;

/**
 * Count persons by size: 1, 2, 3 and 4 by themselves, then doubling: 5–8, 9–16, …
 *
 * Empty bins between others are there, with 0.
 *
 * @param {{size: number, persons: number}[]} sizes
 * @returns {SizeBin[]}
 */
export function sizeBins(sizes) {
  const most = Math.max(0, ...sizes.map(({ size }) => size));
  /** @type {SizeBin[]} */
  const bins = [];
  for (let [from, to] = [1, 1]; from <= most; [from, to] = following(to)) {
    const inside = sizes.filter(({ size }) => size >= from && size <= to);
    const value = inside.reduce((sum, { persons }) => sum + persons, 0);
    const label = from === to ? `${from}` : `${from}–${to}`;
    bins.push({ label, title: to === 1 ? "1 id" : `${label} ids`, value });
  }
  return bins;
}

/** @param {number} to @returns {[number, number]} */
function following(to) {
  return [to + 1, to < 4 ? to + 1 : to * 2];
}

/** @type {{unit: string, start: (day: Date) => Date, next: (start: Date) => Date, name: (start: Date) => string}[]} */
const UNITS = [
  { unit: "Day", start: (day) => day, next: (start) => later(start, 1), name: dayName },
  { unit: "Week from", start: monday, next: (start) => later(start, 7), name: dayName },
  { unit: "Month", start: (day) => month(day, 0), next: (start) => month(start, 1), name: (start) => dayName(start).slice(0, 7) },
  { unit: "Year", start: (day) => year(day, 0), next: (start) => year(start, 1), name: yearName },
];

/**
 * Put days together: as days, weeks, months or years, so that there are not too many.
 *
 * A stretch without events is there as well. Of more than 60 years the last are told,
 * what was before is in the first of them.
 *
 * @param {Day[]} days in the order of time
 * @returns {{unit: string, names: string[], values: (type: string) => number[]}}
 */
export function timeBins(days) {
  const dated = days.map(({ day, events }) => ({ at: new Date(`${day}T00:00:00Z`), events }));
  const [first, last] = [dated[0]?.at, dated[dated.length - 1]?.at];
  if (!first || !last) return { unit: "Day", names: [], values: () => [] };
  for (const each of UNITS) {
    const starts = startsOf(each, first, last);
    if (starts.length <= MOST_BINS) return binned(each, starts, dated);
  }
  const years = UNITS[UNITS.length - 1];
  if (!years) throw new RangeError("there is a widest unit");
  return binned(years, startsOf(years, year(last, 1 - MOST_BINS), last), dated);
}

/**
 * @param {typeof UNITS[number]} unit
 * @param {Date} first
 * @param {Date} last
 */
function startsOf({ start, next }, first, last) {
  const starts = [];
  for (let at = start(first); at <= last && starts.length <= MOST_BINS; at = next(at)) starts.push(at);
  return starts;
}

/**
 * @param {typeof UNITS[number]} unit
 * @param {Date[]} starts
 * @param {{at: Date, events: Record<string, number>}[]} dated
 */
function binned({ unit, start, name }, starts, dated) {
  const places = new Map(starts.map((each, number) => [each.getTime(), number]));
  const values = (/** @type {string} */ type) => {
    const sums = starts.map(() => 0);
    for (const { at, events } of dated) {
      const place = places.get(start(at).getTime()) ?? 0;
      sums[place] = (sums[place] ?? 0) + (events[type] ?? 0);
    }
    return sums;
  };
  return { unit, names: starts.map(name), values };
}

/** @param {Date} start @param {number} days */
function later(start, days) {
  return new Date(start.getTime() + days * DAY_MS);
}

/** @param {Date} day */
function monday(day) {
  return later(day, -((day.getUTCDay() + 6) % 7));
}

/** @param {Date} day @param {number} more */
function month(day, more) {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + more, 1));
}

/** @param {Date} day @param {number} more */
function year(day, more) {
  return new Date(Date.UTC(day.getUTCFullYear() + more, 0, 1));
}

/** @param {Date} start */
function dayName(start) {
  return start.toISOString().slice(0, 10);
}

/** @param {Date} start */
function yearName(start) {
  return String(start.getUTCFullYear());
}
