/** The panel "Faults": what Vonage gets wrong on purpose. */
import { ask, byId, make, messageOf, part, say } from "./simulator.js";

/** @typedef {Record<string, unknown>} Fault */
/** @typedef {{answers: Fault[], webhooks?: Fault}} Faults */

/** @type {[label: string, fault: Fault][]} */
const ANSWERS = [
  ["the response is 429: too many requests", { status: 429 }],
  ["the response is 503: not available", { status: 503 }],
  ["the response is 500, but the message is sent", { status: 500, accept: true }],
  ["the response is 401: wrong credentials", { status: 401 }],
  ["the response is 402: no credit left", { status: 402 }],
  ["the message is sent, but the connection breaks", { drop: true, accept: true }],
  ["the connection breaks and nothing is sent", { drop: true, accept: false }],
  ["the message is sent, but the answer takes 30 s", { hang: 30, accept: true }],
];

/** @type {[label: string, fault: Fault | undefined][]} */
const WEBHOOKS = [
  ["arrive as they should", undefined],
  ["arrive three times each", { duplicate: 3 }],
  ["arrive in the wrong order", { shuffle: true }],
  ["arrive 5 s late", { delay: 5 }],
  ["arrive unsigned first, then signed", { unsigned_first: 1 }],
  ["lack the client’s reference", { no_client_ref: true }],
];

/** @param {Fault} fault @param {Fault} wanted */
const fits = (fault, wanted) => Object.entries(wanted).every(([key, value]) => (fault[key] ?? false) === value);

/** @param {Fault} fault */
function words(fault) {
  const known = ANSWERS.find(([, wanted]) => fits(fault, wanted))?.[0] ?? JSON.stringify(fault);
  const to = fault.to ? ` to ${fault.to}` : "";
  return `The next ${Number(fault.times) > 1 ? `${fault.times} messages` : "message"}${to}: ${known}.`;
}

/**
 * @returns {{look: () => Promise<void>, watch: () => Promise<void>}} look: reads the faults; watch: only if there is something to show
 */
export function startFaults() {
  const form = byId("answer-fault");
  const answers = /** @type {HTMLSelectElement} */ (part(form, "[name=answer]"));
  const times = /** @type {HTMLInputElement} */ (part(form, "[name=times]"));
  const webhooks = /** @type {HTMLSelectElement} */ (byId("webhook-fault"));
  /** @type {Faults} */
  let now = { answers: [] };
  let seen = false;
  answers.append(...ANSWERS.map(([label], number) => new Option(label, String(number))));
  webhooks.append(...WEBHOOKS.map(([label], number) => new Option(label, String(number))));

  async function look() {
    show(await ask("GET", "/faults"));
  }

  /** @param {Faults} current */
  function show(current) {
    const same = seen && JSON.stringify(current) === JSON.stringify(now);
    if (same) return;
    [now, seen] = [current, true];
    const count = now.answers.length + (now.webhooks ? 1 : 0);
    say(byId("fault-count"), count ? `(${count})` : "");
    byId("show-faults").classList.toggle("on", count > 0);
    byId("no-faults").hidden = count === 0;
    byId("active-faults").replaceChildren(...now.answers.map((fault) => make("li", "", words(fault))));
    const active = now.webhooks;
    const kind = WEBHOOKS.findIndex(([, wanted]) => wanted && active && fits(active, wanted));
    webhooks.value = String(Math.max(0, kind));
    if (active && kind < 0) byId("active-faults").append(make("li", "", `Webhooks: ${JSON.stringify(active)}`));
  }

  /** @param {object} wanted   all faults */
  async function put(wanted) {
    try {
      show(await ask("PUT", "/faults", wanted));
      say(byId("faults-said"), "");
    } catch (error) {
      say(byId("faults-said"), messageOf(error));
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fault = { ...ANSWERS[Number(answers.value)]?.[1], times: times.valueAsNumber };
    await look().catch(() => undefined); // some may have been used up
    await put({ ...now, answers: [...now.answers, fault] });
  });
  webhooks.addEventListener("change", async () => {
    const chosen = WEBHOOKS[Number(webhooks.value)]?.[1];
    await look().catch(() => undefined);
    await put({ answers: now.answers, ...(chosen ? { webhooks: chosen } : {}) });
  });
  byId("no-faults").addEventListener("click", () => {
    void put({});
    answers.focus(); // the button disappears
  });

  const watch = async () => {
    if (!seen || !byId("faults").hidden || now.answers.length || now.webhooks) await look();
  };
  return { look, watch };
}
