/** The schedules: their next runs, texts and recipients; each can be paused, resumed and cancelled. */

import { opening } from "../api/connection.js";
import { watch } from "../api/watch.js";
import { askTwice } from "../elements/confirm.js";
import { announce, byId, h, parts, reconcile, tell } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { TIME_ZONE as zone } from "../time/days.js";
import { facts, moment, recipientsOf, rhythm, stateBadge, texts, there, until } from "./schedule_words.js";

/** @import { Schedule } from "#api" */
/** @import { Answer, Api, ApiError } from "../api/api.js" */

const PAGE_SIZE = 50;

/**
 * @param {Api} api
 * @param {string | null} id   the schedule in the URL
 * @returns {() => void} stops it
 */
export function openSchedules(api, id) {
  /** @type {Schedule[]} */
  let shown = [];
  /** @type {string | null} */
  let cursor = null;
  let answered = false;
  let stopped = false;

  async function look() {
    try {
      const { body: page } = await api.get("/v1/schedules", { query: { limit: PAGE_SIZE } });
      const named =
        id !== null && !includes(page.schedules, id)
          ? [(await api.get("/v1/schedules/{schedule_uuid}", { path: { schedule_uuid: id } })).body]
          : [];
      if (stopped) return false;
      const before = JSON.stringify(shown);
      const older = shown.filter(({ schedule_uuid: uuid }) => !includes([...named, ...page.schedules], uuid));
      if (!older.length) cursor = page.cursor;
      shown = [...named, ...page.schedules, ...older];
      tell(byId("schedules-notice"), "");
      const first = !answered;
      answered = true;
      draw();
      if (first && id !== null) point(id);
      return before !== JSON.stringify(shown);
    } catch (error) {
      if (!stopped)
        tell(
          byId("schedules-notice"),
          /** @type {ApiError} */ (error).status === 404
            ? "This schedule was not found. “Schedules” shows all of them."
            : trouble(/** @type {ApiError} */ (error), "load"),
        );
      return false;
    }
  }

  async function more() {
    try {
      const { body: page } = await api.get("/v1/schedules", { query: { limit: PAGE_SIZE, cursor: cursor ?? "" } });
      if (stopped) return;
      const added = page.schedules.filter(({ schedule_uuid: uuid }) => !includes(shown, uuid));
      shown = [...shown, ...added];
      cursor = page.cursor;
      draw();
      if (added[0]) point(added[0].schedule_uuid);
    } catch (error) {
      if (!stopped) tell(byId("schedules-problem"), trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  function draw() {
    const live = shown.filter(({ state }) => state === "active" || state === "paused");
    const over = shown.filter((schedule) => !live.includes(schedule));
    byId("schedules-empty").hidden = !answered || live.length > 0;
    byId("schedules-more").hidden = cursor === null;
    byId("schedules-past").hidden = over.length === 0;
    byId("schedules-past-words").textContent = over.length === 1 ? "1 past schedule" : `${over.length} past schedules`;
    for (const [place, schedules] of /** @type {[string, Schedule[]][]} */ ([
      ["schedules-rows", live],
      ["schedules-over", over],
    ])) {
      reconcile(
        byId(place),
        schedules.map((schedule) => ({ schedule, here: schedule.schedule_uuid === id })),
        ({ schedule }) => schedule.schedule_uuid,
        card,
      );
    }
    const now = Date.now();
    for (const place of parts(byId("schedules"), "[data-until]")) {
      place.textContent = until(place.dataset.until ?? "", now);
    }
  }

  /** @param {{schedule: Schedule, here: boolean}} item */
  function card({ schedule, here }) {
    const badge = stateBadge(schedule);
    const live = schedule.state === "active" || schedule.state === "paused";
    const title = rhythm(schedule, zone);
    return h(
      "li",
      { class: `card schedule tone-${badge.tone}`, "aria-current": here ? "true" : null },
      h(
        "div",
        { class: "schedule-head" },
        h("h2", { id: `schedule-${schedule.schedule_uuid}`, tabindex: "-1" }, title),
        h("span", { class: `badge tone-${badge.tone}` }, badge.text),
      ),
      h("p", {}, recipientsOf(schedule)),
      ...texts(schedule).map((text) => h("blockquote", {}, text)),
      nextRuns(schedule),
      h("p", { class: "hint" }, facts(schedule, zone).join(" ")),
      live &&
        h(
          "div",
          { class: "schedule-acts", "data-needs": "operate" },
          pauseButton(schedule, title),
          cancelButton(schedule, title),
        ),
    );
  }

  /** @param {Schedule} schedule */
  function nextRuns({ next_runs: runs, time_zone: own, cron, state }) {
    const [first, ...others] = runs;
    if (!first) return state === "paused" && h("p", {}, "Nothing is sent until you resume it.");
    const left = h("span", { class: "badge tone-wait", "data-until": first });
    if (cron === null) return h("p", {}, "Sent ", left);
    return h(
      "div",
      { class: "schedule-next" },
      h("p", {}, "Next: ", run(first, own), " ", left),
      others.length > 0 &&
        h("details", {}, h("summary", {}, "Later runs"), h("ol", {}, ...others.map((at) => h("li", {}, run(at, own))))),
    );
  }

  /** @param {string} at @param {string | null} own */
  function run(at, own) {
    const elsewhere = there(at, own, zone);
    return h(
      "span",
      {},
      h("time", { datetime: at }, moment(at, zone)),
      elsewhere && h("span", { class: "hint" }, ` (${elsewhere})`),
    );
  }

  /** @param {Schedule} schedule @param {string} title */
  function pauseButton({ schedule_uuid: uuid, state }, title) {
    const paused = state === "paused";
    const button = h(
      "button",
      { type: "button", id: `pause-${uuid}`, "aria-describedby": `schedule-${uuid}` },
      paused ? "Resume" : "Pause",
    );
    button.onclick = async () => {
      if (button.hasAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
      const done = await act(
        () => api.patch("/v1/schedules/{schedule_uuid}", { path: { schedule_uuid: uuid } }, { paused: !paused }),
        `${paused ? "Resumed" : "Paused"}: ${title}.`,
      );
      button.removeAttribute("aria-disabled");
      if (done) document.getElementById(`pause-${uuid}`)?.focus(); // it was replaced
    };
    return button;
  }

  /** @param {Schedule} schedule @param {string} title */
  function cancelButton({ schedule_uuid: uuid }, title) {
    const button = h("button", { type: "button", class: "danger", "aria-describedby": `schedule-${uuid}` });
    askTwice(button, "Cancel", "Cancel for good?", async () => {
      const cancel = () => api.delete("/v1/schedules/{schedule_uuid}", { path: { schedule_uuid: uuid } });
      if (await act(cancel, `Cancelled: ${title}.`)) byId("schedules-title").focus();
    });
    return button;
  }

  /** @param {() => Promise<Answer<Schedule>>} change @param {string} done   announced after the change */
  async function act(change, done) {
    tell(byId("schedules-problem"), "");
    try {
      const { body: changed } = await change();
      if (stopped) return false;
      shown = shown.map((schedule) => (schedule.schedule_uuid === changed.schedule_uuid ? changed : schedule));
      draw();
      announce(done);
      watching.now(); // a request that began before may still show the old state
      return true;
    } catch (error) {
      if (!stopped) tell(byId("schedules-problem"), trouble(/** @type {ApiError} */ (error), "change"));
      return false;
    }
  }

  /** @param {string} uuid */
  function point(uuid) {
    const heading = document.getElementById(`schedule-${uuid}`);
    const past = /** @type {HTMLDetailsElement} */ (byId("schedules-past"));
    past.open ||= past.contains(heading);
    heading?.focus();
  }

  /** Polls again no later than the next run. @param {number} unchanged */
  function wait(unchanged) {
    const next = Math.min(
      ...shown.map(({ next_runs: [first] }) => (first ? Date.parse(first) - Date.now() + 1_500 : Infinity)),
    );
    const usual = unchanged < 20 ? 15_000 : 60_000;
    return Math.max(2_000, Math.min(usual, next));
  }

  tell(byId("schedules-notice"), opening());
  tell(byId("schedules-problem"), "");
  for (const place of ["schedules-rows", "schedules-over"]) byId(place).replaceChildren();
  byId("schedules-empty").hidden = byId("schedules-more").hidden = byId("schedules-past").hidden = true;
  byId("schedules-more").onclick = more;
  const watching = watch(look, wait);
  return () => {
    stopped = true;
    watching.stop();
  };
}

/** @param {Schedule[]} schedules @param {string} uuid */
function includes(schedules, uuid) {
  return schedules.some(({ schedule_uuid: one }) => one === uuid);
}
