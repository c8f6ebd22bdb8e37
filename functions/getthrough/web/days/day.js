/** A day's figures, kept current, and the choice of the day with arrows or a calendar. */

import { watch } from "../api/watch.js";
import { byId, h, tell } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { after, dayName, TIME_ZONE, today } from "../time/days.js";
import { drawDay, partial } from "./day_figures.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { DayOutcome } from "./day_figures.js" */

/**
 * Shows a day until it is stopped.
 * @param {Api} api
 * @param {string | null} initial   null for today, past midnight too
 * @param {(day: string | null) => void} moved   another day was chosen
 * @param {(outcome: DayOutcome) => void} picked   an outcome was clicked
 * @returns {() => void} stops it
 */
export function openDay(api, initial, moved, picked) {
  let chosen = initial;
  const date = /** @type {HTMLInputElement} */ (byId("day-date"));
  const picture = byId("day-picture");
  let shown = "";
  let caveat = "";
  /** @type {string | null} */
  let etag = null;
  let stopped = false;

  async function look() {
    const day = chosen ?? today();
    if (day !== shown) begin(day);
    try {
      const asked = { path: { date: day }, query: { time_zone: TIME_ZONE } };
      const answer = await api.getIfChanged("/v1/days/{date}", etag, asked);
      if (stopped || day !== shown) return false;
      if (answer.body) {
        etag = answer.etag;
        caveat = partial(answer.body);
        drawDay(picture, answer.body, picked);
        picture.removeAttribute("aria-busy");
      }
      tell(byId("day-notice"), caveat);
      return answer.body !== null;
    } catch (error) {
      if (stopped || day !== shown) return false;
      tell(byId("day-notice"), trouble(/** @type {ApiError} */ (error), "load"));
      if (picture.hasAttribute("aria-busy")) picture.replaceChildren(); // they belong to another day
      return false;
    }
  }

  /** @param {string} day */
  function begin(day) {
    [shown, etag, caveat] = [day, null, ""];
    byId("day-title").textContent = dayName(day);
    date.value = day;
    date.max = today();
    if (day >= today()) byId("day-after").setAttribute("aria-disabled", "true");
    else byId("day-after").removeAttribute("aria-disabled");
    if (!picture.children.length) picture.append(h("p", { class: "hint counting" }, "Counting …"));
    picture.setAttribute("aria-busy", "true"); // the figures of another day are dimmed, and nothing moves
    tell(byId("day-notice"), "");
  }

  /** @param {string} day */
  function move(day) {
    if (day > today()) return;
    chosen = day >= today() ? null : day;
    begin(chosen ?? today());
    moved(chosen);
    watching.now();
  }

  const more = byId("day-more"); // on a phone; wide screens show everything
  more.onclick = () => more.setAttribute("aria-expanded", String(more.getAttribute("aria-expanded") === "false"));
  byId("day-before").onclick = () => move(after(shown, -1));
  byId("day-after").onclick = () => move(after(shown, 1));
  date.onchange = () => {
    if (date.value && date.value < "1000") return; // the year is incomplete
    if (date.value && date.value <= today()) move(date.value);
    else date.value = shown; // no day, or a future one, is not allowed
  };
  const watching = watch(look, (unchanged) => (chosen !== null || unchanged > 5 ? 180_000 : 60_000));
  return () => {
    stopped = true;
    watching.stop();
  };
}
