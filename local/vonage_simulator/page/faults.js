// @ts-check
/** "Faults": what Vonage gets wrong on purpose, in words. */
import { ask, byId, make, say } from "./simulator.js";

/** @type {[string, object][]} */
const ANSWERS = [
  ["it is answered 429: too many requests", { status: 429 }],
  ["it is answered 503: not available", { status: 503 }],
  ["it is answered 500, though it goes out", { status: 500, accept: true }],
  ["it is answered 401: wrong credentials", { status: 401 }],
  ["it is answered 402: no credit left", { status: 402 }],
  ["it goes out, but the connection breaks", { drop: true, accept: true }],
  ["the connection breaks and nothing goes out", { drop: true, accept: false }],
  ["it goes out, but is answered only after 30 s", { hang: 30, accept: true }],
];

/** @type {[string, object | undefined][]} */
const WEBHOOKS = [
  ["come as they should", undefined],
  ["come three times each", { duplicate: 3 }],
  ["come in the wrong order", { shuffle: true }],
  ["come 5 s late", { delay: 5 }],
  ["come unsigned at first, then signed", { unsigned_first: 1 }],
  ["do not name the client’s reference", { no_client_ref: true }],
];

/** @param {Record<string, any>} fault @param {Record<string, any>} wanted */
const fits = (fault, wanted) => Object.entries(wanted).every(([key, value]) => (fault[key] ?? false) === value);

/** @param {Record<string, any>} fault */
function words(fault) {
  const known = ANSWERS.find(([, wanted]) => fits(fault, wanted))?.[0] ?? JSON.stringify(fault);
  const to = fault.to ? ` to ${fault.to}` : "";
  return `The next ${fault.times > 1 ? `${fault.times} messages` : "message"}${to}: ${known}.`;
}

/**
 * @returns {{look: () => Promise<void>, watch: () => Promise<void>}} look: now; watch: if there is something to see
 */
export function startFaults() {
  const form = byId("answer-fault");
  const webhooks = byId("webhook-fault");
  /** @type {{answers: any[], webhooks?: any}} */
  let now = { answers: [] };
  let seen = false;
  form.elements.answer.append(...ANSWERS.map(([label], number) => new Option(label, String(number))));
  webhooks.append(...WEBHOOKS.map(([label], number) => new Option(label, String(number))));

  async function look() {
    show(await ask("GET", "/faults"));
  }

  /** @param {typeof now} told */
  function show(told) {
    const same = seen && JSON.stringify(told) === JSON.stringify(now);
    if (same) return;
    [now, seen] = [told, true];
    const count = now.answers.length + (now.webhooks ? 1 : 0);
    say(byId("fault-count"), count ? `(${count})` : "");
    byId("show-faults").classList.toggle("on", count > 0);
    byId("no-faults").hidden = count === 0;
    byId("active-faults").replaceChildren(...now.answers.map((fault) => make("li", "", words(fault))));
    const kind = WEBHOOKS.findIndex(([, wanted]) => wanted && now.webhooks && fits(now.webhooks, wanted));
    webhooks.value = String(Math.max(0, kind));
    if (now.webhooks && kind < 0)
      byId("active-faults").append(make("li", "", `Webhooks: ${JSON.stringify(now.webhooks)}`));
  }

  /** @param {object} wanted all faults */
  async function put(wanted) {
    try {
      show(await ask("PUT", "/faults", wanted));
      say(byId("faults-said"), "");
    } catch (error) {
      say(byId("faults-said"), error.message);
    }
  }

  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const fault = { ...ANSWERS[form.elements.answer.value][1], times: form.elements.times.valueAsNumber };
    await look().catch(() => undefined); // some may have been used up
    await put({ ...now, answers: [...now.answers, fault] });
  });
  webhooks.addEventListener("change", async () => {
    const chosen = WEBHOOKS[webhooks.value][1];
    await look().catch(() => undefined);
    await put({ answers: now.answers, ...(chosen ? { webhooks: chosen } : {}) });
  });
  byId("no-faults").addEventListener("click", () => {
    put({});
    form.elements.answer.focus(); // the button goes
  });

  const watch = async () => {
    if (!seen || !byId("faults").hidden || now.answers.length || now.webhooks) await look();
  };
  return { look, watch };
}
