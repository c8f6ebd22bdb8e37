/** Drafts as the form reads them. */

/** @import { Contact, Draft, Values } from "../../functions/getthrough/web/compose/request.js" */

/** @type {Values} */
const VALUES = {
  text: "",
  when: "now",
  send_at: "",
  every: "day",
  time: "09:00",
  weekdays: [],
  month_day: "1",
  cron: "",
  ends_at: "",
  max_runs: "",
  quiet: false,
  "quiet_hours.from": "21:00",
  "quiet_hours.to": "08:00",
  "quiet_hours.days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
  "quiet_hours.then": "wait",
  "quiet_hours.time_zone": "Europe/London",
  client_ref: "",
  on_unknown: "",
  through: "delivered",
  give_up: "72",
  give_up_unit: "3600",
};

/** @param {Partial<Values>} values @param {...Contact} contacts @returns {Draft} */
export function draft(values, ...contacts) {
  return { values: { ...VALUES, ...values }, contacts };
}

/** @param {Partial<Contact>} values @returns {Contact} */
export function contact(values) {
  return {
    channel: "sms",
    message_type: "text",
    to: "",
    from: "",
    own: false,
    urgent: false,
    text: "",
    condition_status: "delivered",
    expiry_time: "15",
    unit: "1",
    ...values,
  };
}
