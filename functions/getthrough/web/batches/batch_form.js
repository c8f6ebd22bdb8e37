/** The form for a batch: one text, its channel and a second one, and a list that was pasted. */

import { deliver } from "../api/send_once.js";
import { announce, byId, h, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { channelName, duration, trouble } from "../text/words.js";
import { count } from "./batch_words.js";
import { lacking, parseList, textFor } from "./recipient_list.js";

/** @import { Api, ApiError } from "../api/api.js" */

const KEPT = "batch";
const MOST_TOLD = 5;

/** The channels on which a customer is a phone number, and a text is a message. */
const CHANNELS = ["sms", "whatsapp", "rcs", "viber_service"];

/**
 * Shows the form in `body`. What was typed is kept until it is sent.
 * @param {Api} api
 * @param {HTMLElement} body
 * @returns {() => void} stops it
 */
export function openBatchForm(api, body) {
  const channels = () => CHANNELS.map((channel) => h("option", { value: channel }, channelName(channel)));
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
          "What stands in {{ }} is filled in for each recipient.",
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
          " Try another channel if it does not arrive",
        ),
        h(
          "div",
          { id: "batch-second", hidden: true },
          h(
            "div",
            { class: "batch-columns" },
            field("Second channel", "batch-channel-2", h("select", {}, ...channels())),
            field("From there", "batch-from-2", h("input", { spellcheck: "false", autocapitalize: "none" })),
            field(
              "After how many minutes",
              "batch-minutes",
              h("input", { type: "number", min: 1, step: 1, value: 10 }),
            ),
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
          "One on each line, as copied from a spreadsheet: the number with its country code, then what is filled in.",
        ),
        h(
          "div",
          { class: "batch-columns" },
          field(
            "Columns",
            "batch-columns",
            h("input", { value: "number, name", spellcheck: "false", autocapitalize: "none" }),
            "Their names, in order. If the list begins with a line of names, those count instead.",
          ),
          field(
            "Messages a second",
            "batch-rate",
            h("input", { type: "number", min: 1, step: 1, value: 10 }),
            "At most. Ask Vonage what your number may send.",
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
          "aria-describedby": "batch-faults",
          hidden: true,
        }),
        h("p", { class: "error", id: "batch-faults" }),
        h("button", { class: "primary", id: "batch-send" }, "Send to all"),
      ),
    )
  );
  body.append(h("p", {}, h("a", { class: "back", href: "#/batches" }, "← All batches")), form);
  const inputs = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input, select, textarea")]);
  const kept = draft(KEPT) ?? { "batch-channel-2": "whatsapp" };
  for (const input of inputs) {
    if (!(input.id in kept)) continue;
    if (input.type === "checkbox") input.checked = kept[input.id];
    else input.value = kept[input.id];
  }

  /** @param {string} id */
  function value(id) {
    return /** @type {HTMLInputElement} */ (byId(id)).value.trim();
  }

  /** What the form says, as the API wants it; what was left empty is left out, so that the API names it. */
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
    const faults = [...lacking(list, text ?? ""), ...list.faults];
    return { body: { message, recipients: list.recipients, rate: Number(value("batch-rate")) || undefined }, faults };
  }

  function describe() {
    byId("batch-second").hidden = !(/** @type {HTMLInputElement} */ (byId("batch-again")).checked);
    const {
      body: { message, recipients, rate },
      faults,
    } = request();
    const steps = "failover" in message ? [message, ...message.failover] : [message];
    const names = steps.map(({ channel }) => channelName(channel)).join(", then ");
    byId("batch-plan").textContent = recipients.length
      ? `${names} to ${count(recipients.length, "recipient")}${rate ? `, all of them out in about ${duration(Math.max(1, recipients.length / rate))}` : ""}.`
      : "Paste a list of recipients, and see here what they will read.";
    const [first] = recipients;
    const sample = first && message.text ? textFor(message.text, first) : "";
    tell(
      byId("batch-sample"),
      sample === null
        ? "No preview: this text has more in it than plain {{ names }}. It is filled in for each recipient when it goes out."
        : sample,
    );
    tellFaults(faults);
  }

  let sending = false;
  form.addEventListener("input", () => {
    tell(byId("batch-problem"), ""); // it was about what stood there before
    keepDraft(
      KEPT,
      Object.fromEntries(inputs.map((input) => [input.id, input.type === "checkbox" ? input.checked : input.value])),
    );
    describe();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    const { body: wanted, faults } = request();
    tell(byId("batch-problem"), "");
    if (faults.length || !wanted.recipients.length) {
      return refuse(
        faults.length ? "Not sent: the list needs another look." : "Not sent: there is no recipient in the list.",
        faults,
      );
    }
    tellFaults([]); // they were of the last try
    sending = true;
    byId("batch-send").setAttribute("aria-disabled", "true");
    try {
      const { body: batch } = await deliver(api, "/v1/batches", wanted);
      keepDraft(KEPT, null);
      announce(`Accepted: ${count(wanted.recipients.length, "recipient")}.`);
      if (location.hash === "#/batches/new") location.hash = `#/batches/${batch.batch_uuid}`;
    } catch (error) {
      if (form.isConnected) complain(/** @type {ApiError} */ (error), wanted.recipients);
    } finally {
      sending = false;
      byId("batch-send")?.removeAttribute("aria-disabled");
    }
  });
  describe();
  return () => {};
}

/** @param {ApiError} error @param {{to: string}[]} recipients */
function complain(error, recipients) {
  const faults = error.problem.invalid_parameters ?? [];
  const told = faults.map(
    ({ name, reason }) =>
      `${placeOf(name, recipients)} ${reason.replace(/recipients\[(\d+)\]/g, (place, index) => recipients[index]?.to ?? place)}`,
  );
  refuse(faults.length ? "Not sent, to nobody." : trouble(error, "send"), told);
}

/** Says so right above the button, where the eyes are, and takes the keyboard there. @param {string} why @param {string[]} faults */
function refuse(why, faults) {
  tellFaults(faults);
  tell(byId("batch-problem"), why);
  byId("batch-problem").focus();
}

/** @param {string[]} faults */
function tellFaults(faults) {
  const more = faults.length - MOST_TOLD;
  byId("batch-faults").textContent = [...faults.slice(0, MOST_TOLD), more > 0 ? `And ${more} more like these.` : ""]
    .filter(Boolean)
    .join("\n");
}

/** "recipients[1].to" is the number of 447700900002. @param {string} name @param {{to: string}[]} recipients */
function placeOf(name, recipients) {
  const [, index, rest] = /^recipients\[(\d+)\]\.?(.*)$/.exec(name) ?? [];
  if (index !== undefined)
    return `${recipients[Number(index)]?.to ?? name}: ${rest.replace(/^variables\./, "")}`.trim();
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
