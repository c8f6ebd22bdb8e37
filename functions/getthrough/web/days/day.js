/** A day's picture and which day it is: chosen with arrows or from a calendar, kept fresh. */

import { watch } from "../api/watch.js";
import { byId, h, tell } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { after, dayName, TIME_ZONE, today } from "../time/days.js";
import { drawDay, partial } from "./day_figures.js";

/** @import { Api, ApiError } from "../api/api.js" */

/**
 * Shows a day until it is stopped.
 * @param {Api} api
 * @param {string | null} chosen   null for today, which it follows over midnight
 * @param {(day: string | null) => void} moved   another day was chosen
 * @param {(outcome: string) => void} picked   the day's dispatches with this outcome are wanted
 * @returns {() => void} stops it
 */
export function openDay(api, chosen, moved, picked) {
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
      const answer = await api.get(`/v1/days/${day}?${new URLSearchParams({ time_zone: TIME_ZONE })}`, etag);
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
      tell(byId("day-notice"), trouble(/** @type {ApiError} */ (error), "look"));
      if (picture.hasAttribute("aria-busy")) picture.replaceChildren(); // it was of another day
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
    picture.setAttribute("aria-busy", "true"); // what it shows of another day grows dim, and nothing jumps
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

  const more = byId("day-more"); // on a phone; wide pages show all of it
  more.onclick = () => more.setAttribute("aria-expanded", String(more.getAttribute("aria-expanded") === "false"));
  byId("day-before").onclick = () => move(after(shown, -1));
  byId("day-after").onclick = () => move(after(shown, 1));
  date.onchange = () => {
    if (date.value && date.value < "1000") return; // its year is not typed to its end
    if (date.value && date.value <= today()) move(date.value);
    else date.value = shown; // there is always a day, and it has begun
  };
  const watching = watch(look, (unchanged) => (chosen !== null || unchanged > 5 ? 180_000 : 60_000));
  return () => {
    stopped = true;
    watching.stop();
  };
}
