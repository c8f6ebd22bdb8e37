/** The chart of a dispatch: lanes on one time axis. Texts and points are HTML, so that they can be read and pressed. */

import { channelName } from "../channels/channels.js";
import { byId, h, part, parts, reconcile } from "../elements/dom.js";
import { sign } from "../elements/svg.js";
import { clock, duration, met, money, when } from "../text/words.js";
import { evidence } from "./evidence.js";
import { isLate, lanesOf, mergedPoints } from "./lane_facts.js";
import { axis, backdrop, runDown } from "./lanes_drawing.js";
import { scaleOf } from "./scale.js";

/** @import { Dispatch, Step } from "#api" */
/** @import { Badge } from "../text/words.js" */
/** @import { Lane, Point } from "./lane_facts.js" */
/** @import { Place } from "./lanes_drawing.js" */
/** @import { Mark } from "./scale.js" */

const EDGE = 15; // room for half a point at both ends of a track
const DISTANCES = [56, 44, 34, 27]; // between points: the widest that fits; fingers can't hit less than the last
const LIGHTEST = [0, 1, 4]; // lighter points are merged into the next one if there is no room for all

/**
 * @typedef {object} Picture
 * @property {(dispatch: Dispatch) => void} show
 * @property {(now: number) => void} tick   `now` by the server's clock, in ms
 * @property {() => void} stop
 */

/** @param {() => number} now   the server's clock @returns {Picture} */
export function openLanes(now) {
  const [frame, picture, list] = [byId("lanes-frame"), byId("lanes"), byId("steps")];
  /** @type {Dispatch | null} */
  let shown = null;
  /** @type {Lane[]} */
  let lanes = [];
  /** @type {Place | null} */
  let place = null;
  /** @type {{step: number, key: string} | null} */
  let pressed = null;
  let size = "";

  list.replaceChildren();
  const watching = new ResizeObserver(() => {
    const fresh = `${frame.clientWidth} ${list.offsetHeight}`;
    if (fresh !== size) layout();
    size = fresh;
  });
  watching.observe(frame);
  watching.observe(list);
  list.addEventListener("click", press);
  list.addEventListener("keydown", leave);

  /** @param {Dispatch} dispatch */
  function show(dispatch) {
    shown = dispatch;
    lanes = lanesOf(dispatch, now());
    for (const [index, lane] of lanes.entries()) {
      fill(list.children[index] ?? list.appendChild(emptyLane()), lane, dispatch);
    }
    layout();
    open();
  }

  /** Places all points and draws the background. */
  function layout() {
    const tracks = parts(list, ".track");
    if (!shown || !tracks[0]) return;
    picture.style.minWidth = "";
    const room = tracks[0].clientWidth - 2 * EDGE;
    const { marks, scale } = fitting(shown, lanes, now(), room);
    if (scale.width > room) picture.style.minWidth = `${picture.clientWidth + scale.width - room}px`;
    const box = picture.getBoundingClientRect();
    const boxes = tracks.map((track) => track.getBoundingClientRect());
    const left = tracks[0].getBoundingClientRect().left - box.left;
    place = {
      x: (at) => left + EDGE + scale.place(at),
      left,
      right: tracks[0].getBoundingClientRect().right - box.left,
      tops: boxes.map(({ top }) => top - box.top),
      bottom: Math.max(...boxes.map(({ bottom }) => bottom)) - box.top,
    };
    const places = new Map(marks.map(({ key }, index) => [key, scale.places[index]]));
    for (const [index, track] of tracks.entries()) {
      const lane = lanes[index];
      for (const [number, button] of parts(track, ".point").entries()) {
        const point = lane?.points[number];
        const x = lane && point && places.get(nameOf(lane, point));
        button.hidden = x === undefined;
        button.style.left = `${EDGE + (x ?? 0)}px`;
      }
    }
    /** @param {Lane} lane @param {Point} point */
    const xOf = (lane, point) => {
      const x = places.get(nameOf(lane, point));
      return x === undefined ? null : left + EDGE + x;
    };
    byId("lanes-axis").replaceChildren(...axis(shown, lanes, scale, place));
    byId("lanes-back").replaceChildren(...backdrop(lanes, scale, place, xOf));
    tick(now());
  }

  /** @param {number} moment */
  function tick(moment) {
    if (!shown || !place) return;
    runDown(byId("lanes-back"), lanes, place, shown.outcome === null ? moment : null);
    for (const countdown of parts(list, "[data-ends]")) {
      const left = Math.max(0, (Number(countdown.dataset.ends) - moment) / 1000);
      const text = left > 0 ? `${duration(Math.ceil(left))} ${countdown.dataset.words}` : "time is up";
      if (countdown.textContent !== text) countdown.textContent = text;
    }
  }

  /** @param {Event} event */
  function press({ target }) {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (!button?.dataset.point) return;
    const step = [...list.children].indexOf(/** @type {Element} */ (button.closest(".lane")));
    const same = pressed?.step === step && pressed.key === button.dataset.point;
    pressed = same ? null : { step, key: button.dataset.point };
    open();
  }

  /** @param {KeyboardEvent} event */
  function leave({ key }) {
    if (key === "Escape" && pressed) close();
  }

  function close() {
    const button = list.querySelector("[aria-expanded=true]");
    pressed = null;
    open();
    /** @type {HTMLElement | null} */ (button)?.focus();
  }

  /** Shows the evidence of the pressed point only. */
  function open() {
    if (!shown) return;
    const dispatch = shown;
    for (const [index, item] of parts(list, ".lane").entries()) {
      const lane = lanes[index];
      const point = pressed?.step === index ? lane?.points.find(({ key }) => key === pressed?.key) : undefined;
      const behind = part(item, ".behind");
      behind.id = `behind-${index}`;
      for (const button of parts(item, "[data-point]")) {
        button.setAttribute("aria-expanded", String(button.dataset.point === point?.key));
        button.setAttribute("aria-controls", `behind-${index}`);
      }
      const items = lane && point ? [{ point, merged: mergedBefore(lane, point, item), step: lane.step }] : [];
      const make = (/** @type {{point: Point, merged: Point[], step: Step}} */ one) =>
        evidence(one.point, one.merged, one.step, dispatch, close);
      reconcile(behind, items, () => "evidence", make);
    }
  }

  return {
    show,
    tick,
    stop() {
      watching.disconnect();
      list.removeEventListener("click", press);
      list.removeEventListener("keydown", leave);
    },
  };
}

/** The hidden points right before a point, which are merged into it. @param {Lane} lane @param {Point} point @param {Element} item */
function mergedBefore(lane, point, item) {
  const hidden = new Set(parts(item, "[data-point][hidden]").map((button) => button.dataset.point));
  const earlier = lane.points.slice(0, lane.points.indexOf(point));
  const seen = earlier.findLastIndex(({ key }) => !hidden.has(key));
  return earlier.slice(seen + 1);
}

/** The axis with the most points that still fit. @param {Dispatch} dispatch @param {Lane[]} lanes @param {number} now @param {number} room */
function fitting(dispatch, lanes, now, room) {
  let best = null;
  for (const lightest of LIGHTEST) {
    const marks = marksOf(dispatch, lanes, now, lightest);
    for (const distance of DISTANCES) {
      const scale = scaleOf(marks, room, distance);
      if (scale.width <= room) return { marks, scale };
      best = { marks, scale };
    }
  }
  return best ?? { marks: [], scale: scaleOf([], room, 0) };
}

/** All moments that have a place on the axis. @param {Dispatch} dispatch @param {Lane[]} lanes @param {number} now @param {number} lightest */
function marksOf(dispatch, lanes, now, lightest) {
  /** @type {(Mark & {key: string})[]} */
  const marks = [{ at: Date.parse(dispatch.created_at), row: null, key: "" }];
  for (const lane of lanes) {
    marks.push(
      ...mergedPoints(lane.points, lightest).map(({ point }) => ({
        at: point.at,
        row: lane.step.step,
        key: nameOf(lane, point),
      })),
    );
    for (const at of [lane.heldUntil, lane.running ? lane.ends : lane.decided]) {
      if (at !== null) marks.push({ at, row: null, key: "" });
    }
  }
  const latest = Math.max(...marks.map(({ at }) => at));
  if (dispatch.outcome === null && now > latest) marks.push({ at: now, row: null, key: "" });
  return marks.sort((one, other) => one.at - other.at);
}

/** @param {Lane} lane @param {Point} point */
function nameOf(lane, point) {
  return `${lane.step.step} ${point.key}`;
}

function emptyLane() {
  return h(
    "li",
    { class: "lane" },
    h("div", { class: "lane-head" }),
    h("div", { class: "track" }),
    h("div", { class: "behind" }),
    h("div", { class: "lane-foot" }),
  );
}

/** @param {Element} item @param {Lane} lane @param {Dispatch} dispatch */
function fill(item, lane, dispatch) {
  const { step, badge, why, points } = lane;
  item.className = `lane tone-${badge.tone}${step.claimed_at || lane.heldUntil ? "" : " unsent"}`;
  const counts =
    lane.running && lane.ends !== null
      ? { ends: lane.ends, words: "left" }
      : lane.heldUntil !== null
        ? { ends: lane.heldUntil, words: "to wait" }
        : null;
  const held =
    lane.heldUntil !== null
      ? `${dispatch.held_until ? "Quiet hours until" : "Planned for"} ${when(new Date(lane.heldUntil).toISOString(), new Date())}.`
      : "";
  reconcile(part(item, ".lane-head"), [{ step, badge, why: held || why, counts }], () => "head", headOf);
  reconcile(part(item, ".track"), points, ({ key }) => key, pointOf);
  const same = step.step > 0 && JSON.stringify(step.content) === JSON.stringify(dispatch.steps[0]?.content);
  reconcile(part(item, ".lane-foot"), [{ step, same }], () => "foot", footOf);
}

/** Where the simulated phones are. The edge of the local stack says so with the page; a deployed one does not. */
function phonesUrl() {
  const [page] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  return page?.serverTiming.find(({ name }) => name === "phones")?.description;
}

/** @param {{step: Step, badge: Badge, why: string, counts: {ends: number, words: string} | null}} item */
function headOf({ step, badge, why, counts }) {
  const phones = step.claimed_at && phonesUrl();
  return h(
    "div",
    {},
    h(
      "h3",
      {},
      h("span", { class: "number" }, h("span", { class: "unseen" }, "Step "), String(step.step + 1)),
      ` ${channelName(step.channel)} `,
      h("span", { class: "address" }, step.to),
    ),
    h(
      "p",
      { class: "lane-state" },
      h("span", { class: `badge tone-${badge.tone}` }, badge.text),
      counts && h("span", { class: "countdown", role: "timer", "data-ends": counts.ends, "data-words": counts.words }),
      step.usage && Number(step.usage.price) > 0 && h("span", { class: "cost" }, money(step.usage)),
      phones &&
        h(
          "a",
          { class: "on-phone", href: `${phones}/#${step.message_uuid}`, target: "getthrough-phones" },
          "Simulated phone",
        ),
    ),
    why && h("p", { class: "why" }, why),
  );
}

/** @param {Point} point */
function pointOf({ key, entry, sign: drawing, tone, name, since }) {
  const label = `${name}${since ? ` ${since.replace("+", "")} after it was sent` : ""}, at ${clock(entry.at)}${isLate(entry) ? ", late" : ""}`;
  return h(
    "button",
    {
      type: "button",
      class: `point tone-${isLate(entry) ? "late" : tone} sign-${drawing}`,
      "data-point": key,
      "aria-label": label,
      title: label,
      "aria-expanded": "false",
    },
    h("span", {}, sign(drawing)),
  );
}

/** @param {{step: Step, same: boolean}} item */
function footOf({ step, same }) {
  const { text, ...others } = step.content;
  const more = Object.keys(others).length ? JSON.stringify(others, null, 2) : "";
  /** @type {[string, string | null][]} */
  const facts = [
    ["From", step.from],
    ["Window", `${duration(step.expiry_time)} to be ${met(step.condition_status)}`],
    ["Message ID", step.message_uuid],
    ["Vonage’s message ID", step.vonage_message_uuid],
    ["Tries", step.tries > 1 ? String(step.tries) : null],
  ];
  return h(
    "div",
    {},
    !same && h("blockquote", { dir: "auto" }, typeof text === "string" ? text : `(${step.message_type})`),
    h(
      "details",
      {},
      h("summary", {}, "Details", h("span", { class: "unseen" }, ` of step ${step.step + 1}`)),
      h(
        "dl",
        {},
        ...facts.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
      ),
      more && h("pre", { tabindex: "0", "aria-label": "The rest of the message" }, more),
      step.problem &&
        h("pre", { tabindex: "0", "aria-label": "Vonage’s response" }, JSON.stringify(step.problem, null, 2)),
    ),
  );
}
