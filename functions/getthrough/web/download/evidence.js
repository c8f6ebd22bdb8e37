/** A dispatch as a file that one can send to Vonage's support. Pure. */

/** @import { Dispatch } from "#api" */

/**
 * What Vonage needs to find the messages, and everything that it answered and reported, as received. Texts are left out:
 * support needs none.
 * @param {Dispatch} dispatch @param {string} origin   of the stack @param {Date} now
 */
export function evidenceOf(dispatch, origin, now) {
  const { dispatch_uuid: uuid, created_at: created, outcome, request_id: request, timeline, steps } = dispatch;
  const report = {
    made_at: now.toISOString(),
    stack: origin,
    dispatch_uuid: uuid,
    created_at: created,
    request_id: request,
    outcome,
    messages: steps.map((step) => ({
      step: step.step + 1,
      channel: step.channel,
      to: step.to,
      from: step.from,
      message_type: step.message_type,
      vonage_message_uuid: step.vonage_message_uuid,
      client_ref: step.message_uuid,
      sent_at: step.claimed_at,
      window_seconds: step.expiry_time,
      answer: step.answer,
      problem: step.problem,
      status: step.status,
      webhooks: timeline.flatMap((entry) =>
        entry.event === "status" && entry.step === step.step ? [{ received_at: entry.at, body: entry.raw }] : [],
      ),
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
