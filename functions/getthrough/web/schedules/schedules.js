/** The schedules: their next runs, texts and recipients; each can be paused, resumed and cancelled. */

import { opening } from "../api/connection.js";
import { announce } from "../elements/dom.js";
import { AskTwice, Badge, Notice, Press } from "../elements/ui.js";
import { openPaged, pagesOf } from "../lists/paged.js";
import { useList } from "../lists/use_list.js";
import { trouble } from "../text/words.js";
import { TIME_ZONE as zone } from "../time/days.js";
import { html, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { facts, moment, recipientsOf, rhythm, stateBadge, texts, there, until } from "./schedule_words.js";

/** @import { Schedule } from "#api" */
/** @import { Answer, Api, ApiError } from "../api/api.js" */

const PAGE_SIZE = 50;
const MISSING = "This schedule was not found. “Planned” shows all of them.";

/** @typedef {(change: () => Promise<Answer<Schedule>>, done: string) => Promise<boolean>} Act */

/** All schedules, and first the one that is named, wherever it stands. @param {Api} api @param {string | null} id */
function schedulesOf(api, id) {
  const pages = pagesOf(api, "/v1/schedules", "schedules");
  return openPaged(
    async (asked, etag) => {
      const answer = await pages(asked, id ? null : etag);
      if (id && !asked.cursor && answer.page && !includes(answer.page.items, id)) {
        answer.page.items.unshift(
          (await api.get("/v1/schedules/{schedule_uuid}", { path: { schedule_uuid: id } })).body,
        );
      }
      return answer;
    },
    { keyOf: ({ schedule_uuid: uuid }) => uuid, atOf: ({ created_at: at }) => at, pageSize: PAGE_SIZE },
  );
}

/** To the next look: no later than the next run. @param {Schedule[]} schedules @param {number} unchanged */
function pace(schedules, unchanged) {
  const runs = schedules.map(({ next_runs: [first] }) => (first ? Date.parse(first) - Date.now() + 1_500 : Infinity));
  return Math.max(2_000, Math.min(unchanged < 20 ? 15_000 : 60_000, ...runs));
}

/** @param {{api: Api, id: string | null}} props */
export function Schedules({ api, id }) {
  const list = useList(`schedules ${id ?? ""}`, () => schedulesOf(api, id), pace);
  const [problem, setProblem] = useState("");

  /** @type {Act} */
  async function act(change, done) {
    setProblem("");
    try {
      list.put((await change()).body);
      announce(done);
      return true;
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "change"));
      return false;
    }
  }

  const live = list.rows.filter(({ state }) => state === "active" || state === "paused");
  const over = list.rows.filter((schedule) => !live.includes(schedule));
  const cards = (/** @type {Schedule[]} */ some) =>
    some.map(
      (schedule) =>
        html`<${Card} key=${schedule.schedule_uuid} api=${api} schedule=${schedule} here=${schedule.schedule_uuid === id} act=${act} />`,
    );
  return html`
    <${Notice} id="schedules-notice" text=${list.status === 404 ? MISSING : list.problem || (list.answered ? "" : opening())} />
    <${Notice} bad id="schedules-problem" text=${problem} />
    ${list.answered && !live.length && html`<p class="empty" id="schedules-empty">Nothing is repeated. <span data-needs="send">In <a href="#/">New message</a>, choose “Repeat” under “When”, such as every Monday at nine. Each run sends a message. Here you can pause or cancel the schedule.</span></p>`}
    <ul class="schedules" id="schedules-rows" aria-label="Planned">${cards(live)}</ul>
    ${list.more && html`<button type="button" id="schedules-more" onClick=${list.older}>Load more</button>`}
    ${
      over.length > 0 &&
      html`<details id="schedules-past" open=${over.some(({ schedule_uuid: uuid }) => uuid === id) || undefined}>
      <summary>${over.length === 1 ? "1 past schedule" : `${over.length} past schedules`}</summary>
      <ul class="schedules" id="schedules-over" aria-label="Past">${cards(over)}</ul></details>`
    }`;
}

/** @param {{api: Api, schedule: Schedule, here: boolean, act: Act}} props */
function Card({ api, schedule, here, act }) {
  const { schedule_uuid: uuid, state } = schedule;
  const badge = stateBadge(schedule);
  const title = rhythm(schedule, zone);
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (here) heading.current?.focus();
  }, [here]);
  const path = { schedule_uuid: uuid };
  const paused = state === "paused";
  const pause = () =>
    act(
      () => api.patch("/v1/schedules/{schedule_uuid}", { path }, { paused: !paused }),
      `${paused ? "Resumed" : "Paused"}: ${title}.`,
    );
  async function cancel() {
    if (await act(() => api.delete("/v1/schedules/{schedule_uuid}", { path }), `Cancelled: ${title}.`)) {
      document.getElementById("schedules-title")?.focus();
    }
  }
  return html`<li class=${`card schedule tone-${badge.tone}`} aria-current=${here ? "true" : undefined}>
    <div class="schedule-head"><h3 id=${`schedule-${uuid}`} ref=${heading} tabindex="-1">${title}</h3><${Badge} ...${badge} /></div>
    <p>${recipientsOf(schedule)}</p>
    ${texts(schedule).map((text) => html`<blockquote dir="auto">${text}</blockquote>`)}
    <${NextRuns} schedule=${schedule} />
    <p class="hint">${facts(schedule, zone).join(" ")}</p>
    ${
      (state === "active" || paused) &&
      html`<div class="schedule-acts" data-needs="operate">
      <${Press} act=${pause} describedby=${`schedule-${uuid}`}>${paused ? "Resume" : "Pause"}<//>
      <${AskTwice} class="danger" label="Cancel" question="Cancel for good?" act=${cancel} describedby=${`schedule-${uuid}`} />
    </div>`
    }
  </li>`;
}

/** @param {{schedule: Schedule}} props */
function NextRuns({ schedule: { next_runs: runs, time_zone: own, cron, state } }) {
  const [first, ...others] = runs;
  if (!first) return state === "paused" && html`<p>Nothing is sent until you resume it.</p>`;
  const left = html`<span class="badge tone-wait">${until(first, Date.now())}</span>`;
  if (cron === null) return html`<p>Sent ${left}</p>`;
  return html`<div class="schedule-next">
    <p>Next: <${Run} at=${first} own=${own} /> ${left}</p>
    ${others.length > 0 && html`<details><summary>Later runs</summary><ol>${others.map((at) => html`<li key=${at}><${Run} at=${at} own=${own} /></li>`)}</ol></details>`}
  </div>`;
}

/** @param {{at: string, own: string | null}} props */
function Run({ at, own }) {
  const elsewhere = there(at, own, zone);
  return html`<span><time datetime=${at}>${moment(at, zone)}</time>${elsewhere && html`<span class="hint"> (${elsewhere})</span>`}</span>`;
}

/** @param {Schedule[]} schedules @param {string} uuid */
function includes(schedules, uuid) {
  return schedules.some(({ schedule_uuid: one }) => one === uuid);
}
