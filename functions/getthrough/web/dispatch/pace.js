/** How often an open message is looked at: often while its window runs, rarely once nothing changes. Pure. */

/** @import { Dispatch } from "#api" */

const SOON = 100;

/** Milliseconds to the next poll, by the number of polls without a change. @type {[below: number, wait: number][]} */
const OPEN = [
  [6, 1_000],
  [12, 2_000],
  [24, 5_000],
  [Infinity, 10_000],
];
/** The same once it has an outcome: a message may still arrive late. @type {[below: number, wait: number][]} */
const OVER = [
  [5, 2_000],
  [15, 5_000],
  [60, 10_000],
];

/** @param {Dispatch | null} dispatch @param {number} unchanged   polls without a change @param {number} now   the server's clock */
export function pace(dispatch, unchanged, now) {
  if (dispatch?.outcome) return of(OVER, unchanged);
  const usual = of(OPEN, unchanged);
  const ends = dispatch?.steps.findLast((step) => step.window_ends_at)?.window_ends_at;
  const left = ends ? Date.parse(ends) - now : Infinity;
  return left > -5_000 ? Math.max(1_000, Math.min(usual, left + SOON)) : usual;
}

/** @param {[below: number, wait: number][]} steps @param {number} unchanged */
function of(steps, unchanged) {
  return steps.find(([below]) => unchanged < below)?.[1] ?? 60_000;
}
