/** Draws the background of the points: the axis, the bars of the windows, and the arrows between lanes. */

import { s } from "../elements/svg.js";
import { duration } from "../text/words.js";
import { isLate } from "./lane_facts.js";

/** @import { Dispatch } from "#api" */
/** @import { Lane, Point } from "./lane_facts.js" */
/** @import { Scale, Silence } from "./scale.js" */

/**
 * @typedef {object} Place   where things are in the picture, in pixels
 * @property {(at: number) => number} x
 * @property {number} left   of the tracks
 * @property {number} right
 * @property {number[]} tops   of the tracks
 * @property {number} bottom
 */

/** @typedef {(lane: Lane, point: Point) => number | null} Finder   the place of a point; null if it is merged into another */

const MIDDLE = 16; // of the points, below the top of their track
const BAR = 10;
const LINE = 13; // of a label
const LETTER = 6.3; // how wide a letter of a label is, at most
const BOLD = 7;
const SPACE = 8; // between labels
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });

/** The most important times that fit, and the length of each silence. @param {Dispatch} dispatch @param {Lane[]} lanes @param {Scale} scale @param {Place} place */
export function axis(dispatch, lanes, { silences }, place) {
  const start = Date.parse(dispatch.created_at);
  const times = [
    ...lanes.flatMap(({ heldUntil, running, ends }) => [heldUntil, running ? ends : null]),
    start,
    ...lanes.map(({ sent }) => sent),
    ...lanes.map(({ late }) => late),
    ...lanes.map(({ decided }) => decided),
  ].filter((at) => at !== null);
  /** @type {{at: number, from: number, to: number, x: number}[]} */
  const ticks = [];
  for (const at of times) {
    const x = place.x(at);
    const half = (CLOCK.format(at).length * LETTER) / 2;
    const middle = Math.min(Math.max(x, place.left + half), place.right - half);
    const tick = { at, from: middle - half, to: middle + half, x };
    const apart = (/** @type {typeof tick} */ other) => tick.from > other.to + SPACE || tick.to < other.from - SPACE;
    const second = Math.floor(at / 1000);
    if (ticks.every((other) => apart(other) && Math.floor(other.at / 1000) !== second)) ticks.push(tick);
  }
  ticks.sort((one, other) => one.at - other.at);
  let day = new Date().toDateString();
  const drawn = ticks.flatMap(({ at, from, to, x }) => {
    const middle = (from + to) / 2;
    const texts = [
      s("line", { x1: x, x2: x, y1: 42, y2: 49, class: "grid" }),
      s("text", { x: middle, y: 25, "text-anchor": "middle" }, CLOCK.format(at)),
    ];
    if (new Date(at).toDateString() !== day) {
      texts.push(s("text", { x: middle, y: 11, "text-anchor": "middle", class: "tick-day" }, DAY.format(at)));
    }
    day = new Date(at).toDateString();
    return texts;
  });
  const cuts = silences
    .filter(({ left, right }) => right - left > 40)
    .map(({ from, to, left, right }) =>
      s(
        "text",
        { x: place.x(from) + (right - left) / 2, y: 39, "text-anchor": "middle", class: "cut-words" },
        long((to - from) / 1000),
      ),
    );
  return [...drawn, ...cuts];
}

/** "2 d 23 h" @param {number} seconds */
function long(seconds) {
  if (seconds < 48 * 3600) return duration(seconds);
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ""}`;
}

/** @param {Lane[]} lanes @param {Scale} scale @param {Place} place @param {Finder} xOf */
export function backdrop(lanes, { silences }, place, xOf) {
  const cuts = silences.map((silence) => cut(silence, place));
  const middles = place.tops.map((top) => top + MIDDLE);
  const bars = lanes.flatMap((lane, index) => barsOf(lane, middles[index] ?? 0, place, xOf));
  const arrows = lanes.flatMap((lane, index) => arrow(lanes[index - 1], lane, index, place, xOf));
  const labels = lanes.flatMap((lane, index) => labelsOf(lane, middles[index] ?? 0, place, xOf));
  const now = s("line", { class: "now", x1: 0, x2: 0, y1: 0, y2: place.bottom, visibility: "hidden" });
  return [...cuts, ...arrows, ...bars, now, ...labels];
}

/** A silence, drawn as a torn strip through all lanes. @param {Silence} silence @param {Place} place */
function cut({ from, to }, place) {
  const middle = (place.x(from) + place.x(to)) / 2;
  const zigzag = (/** @type {number} */ x) => {
    const points = [];
    for (let y = 0; y <= place.bottom; y += 6) points.push(`${Math.round(x + (points.length % 2 ? 3 : -3))} ${y}`);
    return points;
  };
  return s(
    "g",
    { class: "cut" },
    s("polygon", { points: [...zigzag(middle - 4), ...zigzag(middle + 4).reverse()].join(" ") }),
    s("polyline", { points: zigzag(middle - 4).join(" ") }),
    s("polyline", { points: zigzag(middle + 4).join(" ") }),
  );
}

/** @param {Lane} lane @param {number} y @param {Place} place @param {Finder} xOf */
function barsOf(lane, y, place, xOf) {
  const { due, sent, ends, decided, late, heldUntil, running, tone } = lane;
  const first = lane.points[0];
  const from = sent !== null && first ? xOf(lane, first) : null;
  const drawn = [];
  const held = from ?? (heldUntil === null ? null : place.x(heldUntil));
  if (due !== null && held !== null && held - place.x(due) > 30) drawn.push(line("held", place.x(due), held, y));
  if (heldUntil !== null && sent === null) {
    drawn.push(s("circle", { class: "gate", cx: place.x(heldUntil), cy: y, r: 5 }));
  }
  if (from === null) return drawn;
  if (ends !== null && running) {
    drawn.push(bar("window", from, place.x(ends), y), bar("window left", from, place.x(ends), y));
  } else if (decided !== null) {
    const end = endOf(lane, place, xOf) ?? from;
    if (ends !== null && ends > decided) {
      drawn.push(line("unused", end, Math.min(place.x(ends), place.right, end + 60), y));
    }
    drawn.push(bar(`window used tone-${tone}`, from, end, y));
  }
  if (late !== null && decided !== null) drawn.push(line("late", place.x(decided), place.x(late), y));
  return drawn;
}

/** Where a lane's bar ends: at the point that decided it. @param {Lane} lane @param {Place} place @param {Finder} xOf */
function endOf(lane, place, xOf) {
  if (lane.decided === null) return null;
  const point = lane.points.findLast(({ at, weight }) => at === lane.decided && weight > 2);
  return (point && xOf(lane, point)) ?? place.x(lane.decided);
}

/** @param {string} kind @param {number} from @param {number} to @param {number} y */
function bar(kind, from, to, y) {
  return s("rect", { class: kind, x: from, y: y - BAR / 2, width: Math.max(0, to - from), height: BAR, rx: BAR / 2 });
}

/** @param {string} kind @param {number} from @param {number} to @param {number} y */
function line(kind, from, to, y) {
  return s("line", { class: kind, x1: from, x2: to, y1: y, y2: y });
}

/** From the end of one step to the start of the next one. @param {Lane | undefined} before @param {Lane} lane @param {number} index @param {Place} place @param {Finder} xOf @returns {SVGElement[]} */
function arrow(before, lane, index, place, xOf) {
  if (!before) return [];
  const planned = before.running && before.ends !== null;
  const start = before.running && before.ends !== null ? place.x(before.ends) : endOf(before, place, xOf);
  const first = lane.points[0];
  if (start === null || (!first && !planned && lane.heldUntil === null)) return [];
  const there = (first && xOf(lane, first)) ?? start;
  const end = there - start > 30 || there < start ? start : there;
  const waits = lane.heldUntil !== null || first;
  const top = (place.tops[index - 1] ?? 0) + MIDDLE + (planned ? BAR / 2 : 12);
  const bottom = (place.tops[index] ?? 0) + (waits ? MIDDLE - (first && end === there ? 14 : 4) : -1);
  const bend = (bottom - top) / 2;
  return [
    s("path", {
      class: planned ? "arrow planned" : "arrow",
      d: `M${round(start)} ${round(top)}C${round(start)} ${round(top + bend)} ${round(end)} ${round(bottom - bend)} ${round(end)} ${round(bottom - 5)}`,
    }),
    s("path", { class: planned ? "head planned" : "head", d: `M${round(end)} ${round(bottom)}l-5-8h10z` }),
  ];
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/** Names and delays under the points, by weight, as long as they don't touch. @param {Lane} lane @param {number} y @param {Place} place @param {Finder} xOf */
function labelsOf(lane, y, place, xOf) {
  /** @type {[number, number][]} */
  const taken = [];
  const free = (/** @type {number} */ from, /** @type {number} */ to) =>
    taken.every(([left, right]) => to < left - SPACE / 2 || from > right + SPACE / 2);
  return [...lane.points]
    .sort((one, other) => other.weight - one.weight)
    .flatMap((point) => {
      const x = xOf(lane, point);
      if (x === null) return [];
      for (const lines of [[point.name, point.since], [point.since]]) {
        const half =
          Math.max(
            ...lines.map(({ length }, index) => length * (lines[1] !== undefined && index === 0 ? BOLD : LETTER)),
          ) / 2;
        const middle = Math.min(Math.max(x, place.left + half - 2), place.right - half + 2);
        if (half === 0 || !free(middle - half, middle + half)) continue;
        taken.push([middle - half, middle + half]);
        const tone = isLate(point.entry) ? "late" : point.tone;
        return lines.filter(Boolean).map((text, index) =>
          s(
            "text",
            {
              x: middle,
              y: y + 25 + index * LINE,
              "text-anchor": "middle",
              class: index || lines.length === 1 ? "since" : `name tone-${tone}`,
            },
            text,
          ),
        );
      }
      return [];
    });
}

/** Shows how much of the open window is left. `now` is null if no window is open. @param {Element} svg @param {Lane[]} lanes @param {Place} place @param {number | null} now */
export function runDown(svg, lanes, place, now) {
  const mark = svg.querySelector(".now");
  const lane = lanes.find(({ running }) => running);
  const x = now === null ? null : place.x(now);
  mark?.setAttribute("visibility", x === null ? "hidden" : "visible");
  if (x === null) return;
  mark?.setAttribute("x1", String(round(x)));
  mark?.setAttribute("x2", String(round(x)));
  const left = svg.querySelector(".left");
  if (!left || lane?.ends == null) return;
  const end = place.x(lane.ends);
  left.setAttribute("x", String(round(Math.min(x, end))));
  left.setAttribute("width", String(round(Math.max(0, end - x))));
}
