/** Dispatches as the API returns them. */

/** @import { Dispatch, DispatchSummary, Step, TimelineEntry } from "#api" */

/** An SMS that nothing was done for yet. @type {Step} */
export const UNSENT = {
  step: 0,
  channel: "sms",
  to: "447700900001",
  from: "BAKERY",
  message_type: "text",
  content: {},
  message_uuid: "00000000-0000-4000-8000-000000000001",
  vonage_message_uuid: null,
  expiry_time: 15,
  condition_status: "delivered",
  claimed_at: null,
  window_ends_at: null,
  sent_because: null,
  answer: null,
  status: null,
  arrived_at: null,
  tries: 0,
  condition_met: false,
  late: false,
  problem: null,
  usage: null,
};

/** @param {Step[]} steps @param {TimelineEntry[]} timeline @param {Partial<Dispatch>} [values] @returns {Dispatch} */
export function dispatchOf(steps, timeline, values = {}) {
  return {
    dispatch_uuid: "00000000-0000-4000-8000-000000000000",
    created_at: "2026-03-02T12:00:00.000Z",
    client_name: "bakery",
    request_id: null,
    client_ref: null,
    batch_uuid: null,
    outcome: null,
    succeeded_by: null,
    late: false,
    double_messages: 0,
    send_at: null,
    held_until: null,
    final_report: null,
    usage: [],
    steps,
    timeline,
    ...values,
  };
}

/** An entry with the fields that a test needs. @param {Record<string, unknown>} values @returns {TimelineEntry} */
export function entry(values) {
  const filled = { at: "2026-03-02T12:00:00.000Z", step: null, ...values };
  return /** @type {TimelineEntry} */ (/** @type {unknown} */ (filled));
}

/** @param {Partial<DispatchSummary>} values @returns {DispatchSummary} */
export function summary(values) {
  return {
    dispatch_uuid: "",
    created_at: "",
    client_name: "bakery",
    client_ref: null,
    batch_uuid: null,
    canary: false,
    test: false,
    outcome: "succeeded",
    late: false,
    to: [],
    steps_total: 1,
    steps_sent: 1,
    status: null,
    text: "Your cupcakes are ready.",
    answer: null,
    due_at: null,
    ...values,
  };
}

/** The first item, which the test needs. @template T @param {T[]} items @returns {T} */
export function first(items) {
  const [item] = items;
  if (item === undefined) throw new Error("there is no item");
  return item;
}
