/** The picture of a dispatch: lanes on one axis of time. Texts and points are HTML, so that they can be read and pressed. */

import { byId, h, reconcile } from "../elements/dom.js";
import { sign } from "../elements/svg.js";
import { channelName, clock, duration, met, money, when } from "../text/words.js";
import { evidence } from "./evidence.js";
import { foldedPoints, lanesOf } from "./lane_facts.js";
import { axis, backdrop, runDown } from "./lanes_drawing.js";
import { scaleOf } from "./scale.js";

/** @import { Dispatch, Step } from "../api/api.js" */
/** @import { Lane, Point } from "./lane_facts.js" */
/** @import { Place } from "./lanes_drawing.js" */
/** @import { Scale } from "./scale.js" */

const EDGE = 15; // room for half a point at both ends of a track
const APART = [56, 44, 34, 27]; // the widest that fits; less than the last one no finger can hit
const LIGHTEST = [0, 1, 4]; // what matters less is folded into what comes after it, where there is no room for all

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
    for (const [index, lane] of lanes.entries())
      fill(list.children[index] ?? list.appendChild(emptyLane()), lane, dispatch);
    layout();
    open();
  }

  /** Finds everybody's place, and draws what lies behind. */
  function layout() {
    if (!shown || !list.children.length) return;
    picture.style.minWidth = "";
    const room = tracks()[0].clientWidth - 2 * EDGE;
    const { marks, scale } = fitting(shown, lanes, now(), room);
    if (scale.width > room) picture.style.minWidth = `${picture.clientWidth + scale.width - room}px`;
    const box = picture.getBoundingClientRect();
    const boxes = tracks().map((track) => track.getBoundingClientRect());
    const [left, right] = [boxes[0].left - box.left, boxes[0].right - box.left];
    place = {
      x: (at) => left + EDGE + scale.place(at),
      left,
      right,
      tops: boxes.map(({ top }) => top - box.top),
      bottom: boxes[boxes.length - 1].bottom - box.top,
    };
    const places = new Map(marks.map(({ key }, index) => [key, scale.places[index]]));
    for (const [index, lane] of lanes.entries()) {
      const buttons = /** @type {HTMLCollectionOf<HTMLElement>} */ (tracks()[index].children);
      for (const [number, point] of lane.points.entries()) {
        const x = places.get(nameOf(lane, point));
        buttons[number].hidden = x === undefined;
        buttons[number].style.left = `${EDGE + (x ?? 0)}px`;
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

  function tracks() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(".track"))];
  }

  /** @param {number} moment */
  function tick(moment) {
    if (!shown || !place) return;
    runDown(byId("lanes-back"), lanes, place, shown.outcome === null ? moment : null);
    for (const counting of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[data-ends]"))) {
      const left = Math.max(0, (Number(counting.dataset.ends) - moment) / 1000);
      const text = left > 0 ? `${duration(Math.ceil(left))} ${counting.dataset.words}` : "time is up";
      if (counting.textContent !== text) counting.textContent = text;
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

  /** Shows what is behind the point that is pressed, and nothing else. */
  function open() {
    for (const [index, lane] of lanes.entries()) {
      const point = pressed?.step === index ? lane.points.find(({ key }) => key === pressed?.key) : undefined;
      const item = list.children[index];
      const behind = /** @type {Element} */ (item.querySelector(".behind"));
      behind.id = `behind-${index}`;
      for (const button of /** @type {NodeListOf<HTMLElement>} */ (item.querySelectorAll("[data-point]"))) {
        button.setAttribute("aria-expanded", String(button.dataset.point === point?.key));
        button.setAttribute("aria-controls", `behind-${index}`);
      }
      const folded = point ? before(lane, point, item) : [];
      const make = () =>
        evidence(/** @type {Point} */ (point), folded, lane.step, /** @type {Dispatch} */ (shown), close);
      reconcile(behind, point ? [{ point, folded }] : [], () => "evidence", make);
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

/** The points that are folded into one: those right before it that have no place. @param {Lane} lane @param {Point} point @param {Element} item */
function before(lane, point, item) {
  const hidden = new Set(
    [.../** @type {NodeListOf<HTMLElement>} */ (item.querySelectorAll("[data-point][hidden]"))].map(
      (button) => button.dataset.point,
    ),
  );
  const earlier = lane.points.slice(0, lane.points.indexOf(point));
  const seen = earlier.findLastIndex(({ key }) => !hidden.has(key));
  return earlier.slice(seen + 1);
}

/** The axis on which most of it fits. @param {Dispatch} dispatch @param {Lane[]} lanes @param {number} now @param {number} room */
function fitting(dispatch, lanes, now, room) {
  let scale = /** @type {Scale} */ ({});
  let marks = marksOf(dispatch, lanes, now, 0);
  for (const lightest of LIGHTEST) {
    marks = marksOf(dispatch, lanes, now, lightest);
    for (const apart of APART) {
      scale = scaleOf(marks, room, apart);
      if (scale.width <= room) return { marks, scale };
    }
  }
  return { marks, scale };
}

/** Everything that has a place on the axis. @param {Dispatch} dispatch @param {Lane[]} lanes @param {number} now @param {number} lightest */
function marksOf(dispatch, lanes, now, lightest) {
  /** @type {{at: number, row: number | null, key: string}[]} */
  const marks = [{ at: Date.parse(dispatch.created_at), row: null, key: "" }];
  for (const lane of lanes) {
    marks.push(
      ...foldedPoints(lane.points, lightest).map(({ point }) => ({
        at: point.at,
        row: lane.step.step,
        key: nameOf(lane, point),
      })),
    );
    for (const at of [lane.heldUntil, lane.running ? lane.ends : lane.decided])
      if (at !== null) marks.push({ at, row: null, key: "" });
  }
  marks.sort((one, other) => one.at - other.at);
  if (dispatch.outcome === null && now > marks[marks.length - 1].at) marks.push({ at: now, row: null, key: "" });
  return marks;
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
  const [head, track, , foot] = item.children;
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
      ? `${dispatch.held_until ? "Quiet hours: held until" : "To be sent at"} ${when(new Date(lane.heldUntil).toISOString(), new Date())}.`
      : "";
  reconcile(head, [{ step, badge, why: held || why, counts }], () => "head", headOf);
  reconcile(track, points, ({ key }) => key, pointOf);
  const same = step.step > 0 && JSON.stringify(step.content) === JSON.stringify(dispatch.steps[0].content);
  reconcile(foot, [{ step, same }], () => "foot", footOf);
}

/** @param {{step: Step, badge: import("../text/words.js").Badge, why: string, counts: {ends: number, words: string} | null}} item */
function headOf({ step, badge, why, counts }) {
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
    ),
    why && h("p", { class: "why" }, why),
  );
}

/** @param {Point} point */
function pointOf({ key, entry, sign: drawing, tone, name, since }) {
  const label = `${name}${since ? ` ${since.replace("+", "")} after it was sent` : ""}, at ${clock(entry.at)}${entry.late ? ", late" : ""}`;
  return h(
    "button",
    {
      type: "button",
      class: `point tone-${entry.late ? "late" : tone} sign-${drawing}`,
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
    ["Our message id", step.message_uuid],
    ["Vonage’s message id", step.vonage_message_uuid],
    ["Tries", step.tries > 1 ? String(step.tries) : null],
  ];
  return h(
    "div",
    {},
    !same && h("blockquote", {}, typeof text === "string" ? text : `(${step.message_type})`),
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
        h("pre", { tabindex: "0", "aria-label": "Vonage’s answer" }, JSON.stringify(step.problem, null, 2)),
    ),
  );
}
