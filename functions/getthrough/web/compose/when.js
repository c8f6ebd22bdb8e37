/** When to send the message: now, later or repeatedly; and the quiet hours. */

import { channelOf } from "../channels/channels.js";
import { byId, h } from "../elements/dom.js";
import { placeName, TIME_ZONE as zone } from "../time/days.js";
import { DAYS, dayName } from "../time/recurrence.js";
import { offerConditions } from "./contacts.js";
import { read, write } from "./form_values.js";

/** @import { Draft, Values } from "./request.js" */

const QUARTER = 15 * 60_000;

/** Adds what the markup lacks: days and zones. */
export function mountWhen() {
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (byId("form-values").querySelectorAll("[data-days]"))) {
    const checked = group.dataset.days === "all";
    group.append(
      ...DAYS.map((day, index) =>
        h(
          "label",
          { class: "chip" },
          h("input", { type: "checkbox", value: day, checked, "aria-label": dayName(index) }),
          h("span", {}, dayName(index, "short")),
        ),
      ),
    );
  }
  byId("month_day").append(
    ...Array.from({ length: 28 }, (_, day) => h("option", { value: day + 1 }, `day ${day + 1}`)),
    h("option", { value: "L" }, "the last day"),
  );
  byId("zones").append(...Intl.supportedValuesOf("timeZone").map((value) => h("option", { value })));
  write(byId("form-values"), { "quiet_hours.time_zone": zone });
  for (const place of document.querySelectorAll(".zone")) place.textContent = placeName(zone);
  byId("when").addEventListener("input", () => {
    const { when, send_at: sendAt } = read(byId("form-values"));
    if (when === "at" && !sendAt) write(byId("form-values"), { send_at: nextHour(Date.now()) });
  });
}

/** Shows the fields that the current choices need. @param {Draft} draft */
export function describeWhen({ values, contacts }) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (byId("form-values").querySelectorAll("[data-if]"))) {
    place.hidden = !(place.dataset.if ?? "").split(" ").some((choice) => holds(choice, values));
  }
  byId("quiet-words").textContent = values.quiet
    ? `${values["quiet_hours.from"] || "…"} to ${values["quiet_hours.to"] || "…"}`
    : "none";
  const last = contacts.at(-1);
  if (last) offerConditions(byId("through"), channelOf(last.channel));
}

/** @param {string} choice   "when=at", "quiet" @param {Values} values */
function holds(choice, values) {
  const [name, wanted] = choice.split("=");
  const value = new Map(Object.entries(values)).get(name ?? "");
  return wanted === undefined ? Boolean(value) : value === wanted;
}

/** The next full hour at least 15 minutes away, in local time. @param {number} now */
function nextHour(now) {
  const at = new Date(now + QUARTER);
  at.setHours(at.getHours() + 1, 0, 0, 0);
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
