/**
 * A time axis in pieces: time runs from left to right and never back, what happens in one lane stays a finger apart, and
 * a silence that would push everything else together is cut short. Pure.
 */

/** @typedef {{at: number, row: number | null}} Mark   something at a moment (in ms); marks of one row must not touch */
/** @typedef {{from: number, to: number, left: number, right: number}} Silence   a piece that is cut short */

/**
 * @typedef {object} Scale
 * @property {number[]} places   of the marks, in pixels
 * @property {number} width   what was asked for, or more where the marks need it
 * @property {Silence[]} silences
 * @property {(at: number) => number} place   of any moment; what is outside is at the edge
 */

const SHORTEST_SILENCE = 60_000;
const CUT = 25; // a silence is so many times as long as all shorter pieces together

/**
 * @param {Mark[]} marks   in order of time
 * @param {number} width
 * @param {number} apart   of the marks of one row
 * @returns {Scale}
 */
export function scaleOf(marks, width, apart) {
  const gaps = marks.map(({ at }, index) => (index ? at - marks[index - 1].at : 0));
  const shares = sharesOf(gaps);
  const places = spread(marks, shares, width, apart);
  const end = Math.max(width, places.at(-1) ?? 0);
  const silences = gaps.flatMap((gap, index) => {
    const [left, right] = [places[index - 1], places[index]];
    return shares[index] < gap ? [{ from: marks[index - 1].at, to: marks[index].at, left, right }] : [];
  });
  return { places, width: end, silences, place: (at) => placeOf(at, marks, places) };
}

/** How much of the free room each gap gets: its own length, or for a silence as much as all shorter ones together. @param {number[]} gaps */
function sharesOf(gaps) {
  const shares = [...gaps];
  let shorter = 0;
  for (const [index, gap] of [...gaps.entries()].sort(([, one], [, other]) => one - other)) {
    if (shorter > 0 && gap >= SHORTEST_SILENCE && gap > CUT * shorter) shares[index] = shorter;
    shorter += shares[index];
  }
  return shares;
}

/** The widest places that still fit, and the narrowest ones that keep the marks apart if none do. @param {Mark[]} marks @param {number[]} shares @param {number} width @param {number} apart */
function spread(marks, shares, width, apart) {
  let [low, high] = [0, width / (shares.reduce((sum, share) => sum + share, 0) || 1)];
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
    x += shares[index] * perShare;
    if (row !== null) {
      x = Math.max(x, (latest.get(row) ?? -Infinity) + apart);
      latest.set(row, x);
    }
    return x;
  });
}

/** @param {number} at @param {Mark[]} marks @param {number[]} places */
function placeOf(at, marks, places) {
  const next = marks.findIndex((mark) => mark.at >= at);
  if (next < 0) return last(places);
  const before = next - 1;
  if (marks[next].at === at || before < 0) return places[next];
  const share = (at - marks[before].at) / (marks[next].at - marks[before].at);
  return places[before] + share * (places[next] - places[before]);
}

/** @param {number[]} places */
function last(places) {
  return places.at(-1) ?? 0;
}
