/**
 * When messages arrive, out of the API's counts, and what another window would change. Pure arithmetic.
 *
 * A message that was cut short says nothing of what comes after it (the estimate of Kaplan and Meier).
 */

/** @import { Arrivals } from "#api" */

/** Fewer messages than that show nothing. */
const FEW = 20;
/** A bucket of the API ends 19 % after its start. */
const STEP = 2 ** 0.25;
/** Standard deviations around a share that hold 90 % of what chance may do. */
const Z90 = 1.645;

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** The windows that the line can stand on, in seconds. */
export const WINDOWS = [
  ...[1, 2, 3, 5, 7, 10, 15, 20, 30, 45],
  ...[1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 45].map((minutes) => minutes * MINUTE),
  ...[1, 2, 4, 8, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 7].map((days) => days * DAY),
];

/**
 * @typedef {object} Group   messages on one channel to one country
 * @property {string} channel
 * @property {string} country   a calling code; empty for addresses that are no phone numbers
 * @property {string} since   the earliest week that is counted
 * @property {Map<number, number>} arrived   how many, by seconds
 * @property {Map<number, number>} cut
 * @property {number} open
 * @property {number} failed
 */

/**
 * @typedef {object} Curve
 * @property {{seconds: number, share: number}[]} points   which share of all messages has arrived by then
 * @property {number} failed   the share that failed, so that a fallback follows at once
 * @property {number} horizon   after so many seconds too few messages were watched; Infinity if there is no such time
 * @property {number} seen   that arrived
 * @property {number} messages
 */

/** From the least that fits to what is known, to the most. @typedef {{least: number, most: number}} Between */

/**
 * @typedef {object} Forecast   shares of all messages
 * @property {Between} inTime   the first message arrives within the window
 * @property {Between} fallback   a fallback is sent
 * @property {Between} tooEarly   a fallback is sent although the first message would still arrive
 * @property {Between | null} reached   one of the two arrives; null without a fallback that is known
 * @property {number | null} slowest   95 % of those who are reached are reached by then, in seconds
 */

/** The groups, those with the most messages first. @param {Arrivals[]} counted @returns {Group[]} */
export function groupsOf(counted) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const { channel, country, week, arrived, cut, open, failed } of counted) {
    const key = keyOf({ channel, country });
    const none = { channel, country, since: week, arrived: new Map(), cut: new Map(), open: 0, failed: 0 };
    const group = groups.get(key) ?? none;
    for (const [total, buckets] of /** @type {const} */ ([
      [group.arrived, arrived],
      [group.cut, cut],
    ])) {
      for (const { seconds, messages } of buckets) total.set(seconds, (total.get(seconds) ?? 0) + messages);
    }
    groups.set(key, {
      ...group,
      since: [week, group.since].sort()[0] ?? week,
      open: group.open + open,
      failed: group.failed + failed,
    });
  }
  return [...groups.values()].sort((one, two) => sizeOf(two) - sizeOf(one));
}

/** @param {{channel: string, country: string}} group */
export function keyOf({ channel, country }) {
  return `${channel} ${country}`;
}

/** @param {Group} group */
function sizeOf({ arrived, cut, open, failed }) {
  return sum(arrived) + sum(cut) + open + failed;
}

/** @param {Map<number, number>} counts */
function sum(counts) {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

/** @param {Group} group @returns {Curve} */
export function curveOf(group) {
  const { arrived, cut, failed } = group;
  const messages = sizeOf(group);
  const travelled = messages ? 1 - failed / messages : 0;
  let left = messages - failed;
  let missing = 1;
  let horizon = Infinity;
  /** @type {Curve["points"]} */
  const points = [];
  for (const seconds of [...new Set([...arrived.keys(), ...cut.keys()])].sort((one, two) => one - two)) {
    const lost = cut.get(seconds) ?? 0;
    const watched = left - lost / 2;
    if (watched > 0) missing *= 1 - Math.min((arrived.get(seconds) ?? 0) / watched, 1);
    left -= (arrived.get(seconds) ?? 0) + lost;
    points.push({ seconds, share: travelled * (1 - missing) });
    if (left < FEW && left < (messages - failed) * missing - 0.5) {
      horizon = seconds; // more are under way than are still watched
      break;
    }
  }
  return { points, failed: messages ? failed / messages : 0, horizon, seen: sum(arrived), messages };
}

/** Which share of all messages has arrived after so many seconds, as far as it is known. @param {Curve} curve @param {number} seconds */
export function arrivedBy({ points }, seconds) {
  let before = { seconds: 0, share: 0 };
  for (const point of points) {
    if (point.seconds >= seconds) {
      const start = Math.max(before.seconds, point.seconds / STEP);
      const part = seconds > start ? Math.log(seconds / start) / Math.log(point.seconds / start) : 0;
      return before.share + (point.share - before.share) * part;
    }
    before = point;
  }
  return before.share;
}

/** The same, with what is not known: all that was cut short may arrive, or none of it. @param {Curve} curve @param {number} seconds @returns {Between} */
function between(curve, seconds) {
  const least = arrivedBy(curve, seconds);
  return { least, most: seconds > curve.horizon ? 1 - curve.failed : least };
}

/**
 * What a window does to the messages of a curve. The fallback arrives as its own curve says, whatever happened to the first; the
 * first message counts until its window ends, since most channels stop trying then.
 * @param {Curve} first @param {number} window   seconds @param {Curve | null} fallback @returns {Forecast}
 */
export function forecast(first, window, fallback) {
  const inTime = between(first, window);
  const known = arrivedBy(first, Infinity);
  const most = first.horizon < Infinity ? 1 - first.failed : known;
  return {
    inTime,
    fallback: { least: 1 - inTime.most, most: 1 - inTime.least },
    tooEarly: { least: Math.max(0, known - inTime.most), most: Math.max(0, most - inTime.least) },
    reached: fallback && reachedOf(inTime, fallback),
    slowest: fallback && slowestOf(first, window, fallback),
  };
}

/** @param {Between} inTime @param {Curve} fallback @returns {Between} */
function reachedOf(inTime, fallback) {
  const second = between(fallback, Infinity);
  return {
    least: inTime.least + (1 - inTime.least) * second.least,
    most: inTime.most + (1 - inTime.most) * second.most,
  };
}

/** @param {Curve} first @param {number} window @param {Curve} fallback */
function slowestOf(first, window, fallback) {
  const inTime = arrivedBy(first, window);
  /** @param {number} seconds */
  const reached = (seconds) =>
    arrivedBy(first, Math.min(seconds, window)) +
    first.failed * arrivedBy(fallback, seconds) +
    (1 - inTime - first.failed) * arrivedBy(fallback, Math.max(0, seconds - window));
  const wanted = 0.95 * reached(Infinity);
  if (wanted <= 0) return null;
  let [low, high] = [0, 14 * DAY];
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2;
    if (reached(middle) < wanted) low = middle;
    else high = middle;
  }
  return high;
}

/** How far a share may be from the truth by chance alone, 9 times of 10. @param {number} share @param {number} messages */
export function chance(share, messages) {
  return messages ? Z90 * Math.sqrt((share * (1 - share)) / messages) : 1;
}

/** Where a time stands on the axis, from 0 to 1: the windows are equally far apart. @param {number} seconds */
export function placeOf(seconds) {
  const last = WINDOWS.length - 1;
  const next = WINDOWS.findIndex((window) => window >= seconds);
  if (next < 0) return 1;
  const [low = 1, high = 1] = [WINDOWS[next - 1], WINDOWS[next]];
  return next === 0 ? 0 : (next - 1 + Math.log(seconds / low) / Math.log(high / low)) / last;
}

/** The window nearest to a place on the axis. @param {number} place   from 0 to 1 */
export function windowAt(place) {
  const last = WINDOWS.length - 1;
  return WINDOWS[Math.max(0, Math.min(last, Math.round(place * last)))] ?? 1;
}

/** The window of the line that is nearest to a time. @param {number} seconds */
export function nearestWindow(seconds) {
  return windowAt(placeOf(seconds));
}

/**
 * The points of a curve's line, each at its place and its share, to the end of the axis or of what is known.
 * @param {Curve} curve @returns {[place: number, share: number][]}
 */
export function lineOf({ points, horizon }) {
  const [first] = points;
  if (!first) return [];
  const last = /** @type {{seconds: number, share: number}} */ (points.at(-1));
  const line = points.map(({ seconds, share }) => /** @type {[number, number]} */ ([placeOf(seconds), share]));
  return [
    [placeOf(first.seconds / STEP), 0],
    ...line,
    ...(horizon < Infinity ? [] : [/** @type {[number, number]} */ ([1, last.share])]),
  ];
}

/** @typedef {{channel?: string, to?: string, from?: string, expiry_time?: string, unit?: string}} DraftContact */

/**
 * The draft of the form with a window for its messages on a channel. A draft that lacks the channel gets it first. The
 * other channel follows where nothing does: the last message waits for no window.
 * @param {{values?: object, contacts?: DraftContact[]} | null} draft @param {string} channel @param {number} window @param {string} fallback
 */
export function withWindow(draft, channel, window, fallback) {
  const unit = [DAY, HOUR, MINUTE, 1].find((size) => window % size === 0) ?? 1;
  const wanted = { expiry_time: String(window / unit), unit: String(unit) };
  const used = (draft?.contacts ?? []).filter(({ to, from }) => to?.trim() || from?.trim());
  const known = used.some((contact) => contact.channel === channel) ? used : [{ channel }, ...used];
  const contacts = known.map((contact) => (contact.channel === channel ? { ...contact, ...wanted } : contact));
  const waits = contacts.slice(0, -1).some((contact) => contact.channel === channel);
  return { values: draft?.values ?? {}, contacts: waits ? contacts : [...contacts, { channel: fallback }] };
}
