/** Which conversations were answered, out of the newest messages that were sent. Pure. */

/** @import { DispatchSummary, InboundLine } from "#api" */

/** Whether it may answer a customer: it was sent, to one customer alone, and did not fail. @param {DispatchSummary} dispatch */
export function isAnswer({ batch_uuid: batch, canary, outcome, steps_sent: sent }) {
  return batch === null && !canary && sent > 0 && (outcome === null || outcome === "succeeded");
}

/** The newest answer to a customer's message, if there is one. @param {InboundLine} line @param {DispatchSummary[]} answers   newest first */
export function answerTo({ address, received_at: at }, answers) {
  return answers.find(
    ({ created_at: sent, to, steps_sent: tried }) =>
      sent > at && to.slice(0, tried).some((contact) => contact.address === address), // one customer on all channels
  );
}
