/**
 * A time axis in pieces. Time always runs from left to right. The marks of one lane stay a finger apart. A long silence is
 * shortened if it would squeeze everything else. Pure.
 */

/** @typedef {{at: number, row: number | null}} Mark   a moment (in ms); marks of one row must not touch */
/** @typedef {{from: number, to: number, left: number, right: number}} Silence   a shortened piece */

/**
 * @typedef {object} Scale
 * @property {number[]} places   of the marks, in pixels
 * @property {number} width   the requested one, or more if the marks need it
 * @property {Silence[]} silences
 * @property {(at: number) => number} place   the place of any moment, at most at an edge
 */

const SHORTEST_SILENCE = 60_000;
const CUT = 25; // a silence is this many times as long as all shorter pieces together

/**
 * @param {Mark[]} marks   in order of time
 * @param {number} width
 * @param {number} apart   of the marks of one row
 * @returns {Scale}
 */
export function scaleOf(marks, width, apart) {
  const gaps = marks.map(({ at }, index) => at - (marks[index - 1]?.at ?? at));
  const shares = sharesOf(gaps);
  const places = spread(marks, shares, width, apart);
  const end = Math.max(width, places.at(-1) ?? 0);
  const silences = marks.flatMap(({ at }, index) => {
    const [gap = 0, share = 0, left = 0, right = 0] = [gaps[index], shares[index], places[index - 1], places[index]];
    return share < gap ? [{ from: at - gap, to: at, left, right }] : [];
  });
  return { places, width: end, silences, place: (at) => placeOf(at, marks, places) };
}

/** How much of the free room each gap gets: its own length, or for a silence as much as all shorter gaps together. @param {number[]} gaps */
function sharesOf(gaps) {
  const shares = [...gaps];
  let shorter = 0;
  for (const [index, gap] of [...gaps.entries()].sort(([, one], [, other]) => one - other)) {
    const share = shorter > 0 && gap >= SHORTEST_SILENCE && gap > CUT * shorter ? shorter : gap;
    shares[index] = share;
    shorter += share;
  }
  return shares;
}

/** The widest places that still fit, and the narrowest ones that keep the marks apart if none do. @param {Mark[]} marks @param {number[]} shares @param {number} width @param {number} apart */
function spread(marks, shares, width, apart) {
  let low = 0;
  let high = width / (shares.reduce((sum, share) => sum + share, 0) || 1);
  if (last(walk(marks, shares, high, apart)) <= width) return walk(marks, shares, high, apart);
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (last(walk(marks, shares, middle, apart)) > width) high = middle;
    else low = middle;
  }
  return walk(marks, shares, low, apart);
}

/** @param {Mark[]} marks @param {number[]} shares @param {number} perShare @param {number} apart */
function walk(marks, shares, perShare, apart) {
  const latest = new Map();
  let x = 0;
  return marks.map(({ row }, index) => {
    x += (shares[index] ?? 0) * perShare;
    if (row !== null) {
      x = Math.max(x, (latest.get(row) ?? -Infinity) + apart);
      latest.set(row, x);
    }
    return x;
  });
}

/** @param {number} at @param {Mark[]} marks @param {number[]} places */
function placeOf(at, marks, places) {
  const index = marks.findIndex((mark) => mark.at >= at);
  const [next, end = 0] = [marks[index], places[index]];
  if (!next) return last(places);
  const [before, start = 0] = [marks[index - 1], places[index - 1]];
  if (next.at === at || !before) return end;
  return start + ((at - before.at) / (next.at - before.at)) * (end - start);
}

/** @param {number[]} places */
function last(places) {
  return places.at(-1) ?? 0;
}
