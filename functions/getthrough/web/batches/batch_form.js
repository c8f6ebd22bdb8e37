/** The form for a batch: one text, its channel and a second one, and a pasted list of recipients. */

import { deliver } from "../api/send_once.js";
import { channelName, NUMBER_CHANNELS } from "../channels/channels.js";
import { announce, byId, h, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { duration, trouble } from "../text/words.js";
import { count } from "./batch_words.js";
import { missingVariables, parseList, textFor } from "./recipient_list.js";

/** @import { Api, ApiError } from "../api/api.js" */

const KEPT = "batch";
const MOST_LISTED = 5;

/**
 * Shows the form in `body`. The draft is kept until it is sent.
 * @param {Api} api
 * @param {HTMLElement} body
 * @returns {() => void} stops it
 */
export function openBatchForm(api, body) {
  const channels = () => NUMBER_CHANNELS.map((channel) => h("option", { value: channel }, channelName(channel)));
  const form = /** @type {HTMLFormElement} */ (
    h(
      "form",
      { class: "batch-form", method: "post", action: "/", autocomplete: "off", novalidate: true },
      h(
        "div",
        { class: "card" },
        field(
          "Message",
          "batch-text",
          h("textarea", { rows: 3, placeholder: "Hello {{ name }}, your order is ready." }),
          "Anything in {{ }} is filled in for each recipient.",
        ),
        h(
          "div",
          { class: "batch-columns" },
          field("Channel", "batch-channel", h("select", {}, ...channels())),
          field(
            "From",
            "batch-from",
            h("input", { spellcheck: "false", autocapitalize: "none", placeholder: "BAKERY" }),
            "Your number or name on that channel.",
          ),
        ),
        h(
          "label",
          { class: "check" },
          h("input", { type: "checkbox", id: "batch-again" }),
          " Try another channel if it isn’t delivered",
        ),
        h(
          "div",
          { id: "batch-second", hidden: true },
          h(
            "div",
            { class: "batch-columns" },
            field("Second channel", "batch-channel-2", h("select", {}, ...channels())),
            field("Sender", "batch-from-2", h("input", { spellcheck: "false", autocapitalize: "none" })),
            field("After (minutes)", "batch-minutes", h("input", { type: "number", min: 1, step: 1, value: 10 })),
          ),
        ),
      ),
      h(
        "div",
        { class: "card" },
        field(
          "Recipients",
          "batch-list",
          h("textarea", { rows: 8, spellcheck: "false", placeholder: "447700900001, Ann\n447700900002, Ben" }),
          "One per line, as copied from a spreadsheet: the number with its country code, then the values to fill in.",
        ),
        h(
          "div",
          { class: "batch-columns" },
          field(
            "Columns",
            "batch-columns",
            h("input", { value: "number, name", spellcheck: "false", autocapitalize: "none" }),
            "The columns’ names, in order. If the list starts with a line of names, that line is used instead.",
          ),
          field(
            "Messages per second",
            "batch-rate",
            h("input", { type: "number", min: 1, step: 1, value: 10 }),
            "At most. Your Vonage account sets how fast your number may send.",
          ),
        ),
      ),
      h(
        "div",
        { class: "card batch-preview" },
        h("h2", {}, "What will happen"),
        h("p", { id: "batch-plan" }),
        h("blockquote", { id: "batch-sample", hidden: true }),
        h("p", {
          class: "notice bad",
          id: "batch-problem",
          role: "alert",
          tabindex: "-1",
          "aria-describedby": "batch-problems",
          hidden: true,
        }),
        h("p", { class: "error", id: "batch-problems" }),
        h("button", { class: "primary", id: "batch-send" }, "Send to all"),
      ),
    )
  );
  body.append(h("p", {}, h("a", { class: "back", href: "#/batches" }, "← All batches")), form);
  const inputs = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input, select, textarea")]);
  const kept = /** @type {Record<string, string | boolean> | null} */ (draft(KEPT)) ?? {
    "batch-channel-2": "whatsapp",
  };
  for (const input of inputs) {
    const draftValue = kept[input.id];
    if (typeof draftValue === "boolean") input.checked = draftValue;
    else if (draftValue !== undefined) input.value = draftValue;
  }

  /** @param {string} id */
  function value(id) {
    return /** @type {HTMLInputElement} */ (byId(id)).value.trim();
  }

  /** The form as a request body. Empty fields are left out, so that the API reports them. */
  function request() {
    const text = /** @type {HTMLTextAreaElement} */ (byId("batch-text")).value || undefined;
    const again = /** @type {HTMLInputElement} */ (byId("batch-again")).checked;
    const first = {
      channel: value("batch-channel"),
      message_type: "text",
      from: value("batch-from") || undefined,
      text,
    };
    const second = {
      channel: value("batch-channel-2"),
      message_type: "text",
      from: value("batch-from-2") || undefined,
      text,
    };
    const minutes = Number(value("batch-minutes"));
    const message = again
      ? { ...first, expiry_time: minutes > 0 ? minutes * 60 : undefined, failover: [second] }
      : first;
    const list = parseList(/** @type {HTMLTextAreaElement} */ (byId("batch-list")).value, value("batch-columns"));
    const problems = [...missingVariables(list, text ?? ""), ...list.problems];
    return { body: { message, recipients: list.recipients, rate: Number(value("batch-rate")) || undefined }, problems };
  }

  function describe() {
    byId("batch-second").hidden = !(/** @type {HTMLInputElement} */ (byId("batch-again")).checked);
    const {
      body: { message, recipients, rate },
      problems,
    } = request();
    const steps = "failover" in message ? [message, ...message.failover] : [message];
    const names = steps.map(({ channel }) => channelName(channel)).join(", then ");
    byId("batch-plan").textContent = recipients.length
      ? `${names} to ${count(recipients.length, "recipient")}${rate ? `, all sent in about ${duration(Math.max(1, recipients.length / rate))}` : ""}.`
      : "Paste a list of recipients to see a preview.";
    const [first] = recipients;
    const sample = first && message.text ? textFor(message.text, first) : "";
    tell(
      byId("batch-sample"),
      sample === null
        ? "No preview: this text uses more than plain {{ names }}. It is filled in for each recipient when it is sent."
        : sample,
    );
    listProblems(problems);
  }

  let sending = false;
  form.addEventListener("input", () => {
    tell(byId("batch-problem"), ""); // it was about the previous input
    keepDraft(
      KEPT,
      Object.fromEntries(inputs.map((input) => [input.id, input.type === "checkbox" ? input.checked : input.value])),
    );
    describe();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    const { body: wanted, problems } = request();
    tell(byId("batch-problem"), "");
    if (problems.length || !wanted.recipients.length) {
      refuse(problems.length ? "Not sent. Check the list." : "Not sent. The list has no recipients.", problems);
      return;
    }
    listProblems([]); // they belong to the previous attempt
    sending = true;
    byId("batch-send").setAttribute("aria-disabled", "true");
    try {
      const { body: batch } = await deliver(api, "/v1/batches", wanted);
      keepDraft(KEPT, null);
      announce(`Accepted: ${count(wanted.recipients.length, "recipient")}.`);
      if (location.hash === "#/batches/new") location.hash = `#/batches/${batch.batch_uuid}`;
    } catch (error) {
      if (form.isConnected) showViolations(/** @type {ApiError} */ (error), wanted.recipients);
    } finally {
      sending = false;
      byId("batch-send")?.removeAttribute("aria-disabled");
    }
  });
  describe();
  return () => {};
}

/** @param {ApiError} error @param {{to: string}[]} recipients */
function showViolations(error, recipients) {
  const violations = error.problem.invalid_parameters ?? [];
  const sentences = violations.map(
    ({ name, reason }) =>
      `${placeOf(name, recipients)} ${reason.replace(/recipients\[(\d+)\]/g, (place, index) => recipients[index]?.to ?? place)}`,
  );
  refuse(violations.length ? "Not sent. No recipient was messaged." : trouble(error, "send"), sentences);
}

/** Shows the reason above the button and moves the focus there. @param {string} why @param {string[]} problems */
function refuse(why, problems) {
  listProblems(problems);
  tell(byId("batch-problem"), why);
  byId("batch-problem").focus();
}

/** @param {string[]} problems */
function listProblems(problems) {
  const more = problems.length - MOST_LISTED;
  byId("batch-problems").textContent = [...problems.slice(0, MOST_LISTED), more > 0 ? `And ${more} more.` : ""]
    .filter(Boolean)
    .join("\n");
}

/** "recipients[1].to" is the number of 447700900002. @param {string} name @param {{to: string}[]} recipients */
function placeOf(name, recipients) {
  const [, index, rest] = /^recipients\[(\d+)\]\.?(.*)$/.exec(name) ?? [];
  if (index !== undefined) {
    return `${recipients[Number(index)]?.to ?? name}: ${rest?.replace(/^variables\./, "")}`.trim();
  }
  return name.replace(
    /^message\.(failover\[0\]\.)?(\w+)$/,
    (_, second, part) => `“${part}”${second ? " of the second channel" : ""}`,
  );
}

/** @param {string} label @param {string} id @param {HTMLElement} input @param {string} [hint] */
function field(label, id, input, hint) {
  input.id = id;
  if (hint) input.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    input,
    hint && h("span", { class: "hint", id: `${id}-hint` }, hint),
  );
}
