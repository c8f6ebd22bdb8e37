/** The audit trail in words. Pure. */

import { own } from "../text/own.js";

/** @import { AuditEntry } from "#api" */
/** @import { Badge } from "../text/words.js" */

/** @type {Record<string, string>} */
const WHAT = {
  "message.send": "sent a message",
  "message.update": "updated a message that Vonage has",
  "dispatch.cancel": "stopped a message",
  "dispatch.succeed": "reported that the customer has acted",
  "schedule.create": "created a schedule",
  "schedule.change": "changed a schedule",
  "schedule.cancel": "cancelled a schedule",
  "batch.create": "sent a batch",
  "batch.cancel": "cancelled a batch",
  "contact.link": "linked addresses of a customer",
  "contact.opt-out": "opted a customer out",
  "contact.opt-in": "opted a customer in",
  "contact.erase": "erased a customer",
  "contact.export": "exported a customer’s data",
  "webhook.release": "released a webhook from quarantine",
  "webhook.delete": "deleted a webhook from quarantine",
  "settings.change": "changed the settings that users share",
  "dead-letters.release": "released dead letters",
};

/** @param {string} what */
export function whatWords(what) {
  return own(WHAT, what) ?? what;
}

/** @param {AuditEntry} entry @returns {Badge} */
export function resultOf({ status }) {
  if (status === null) return { text: "Unknown", tone: "wait" };
  return status < 400 ? { text: "Done", tone: "good" } : { text: `Refused (${status})`, tone: "bad" };
}

/** Where its subject is shown; empty if nowhere. @param {AuditEntry} entry */
export function subjectLink({ what, subject }) {
  if (!subject) return "";
  if (what === "message.send" || what.startsWith("dispatch.")) return `#/dispatches/${subject}`;
  if (what.startsWith("schedule.")) return `#/schedules/${subject}`;
  return what.startsWith("batch.") ? `#/batches/${subject}` : "";
}
