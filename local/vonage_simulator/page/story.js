/** The example on an empty page. Each step is checked off when it has happened. */
import { ask, byId, messageOf, parts, say, sender } from "./simulator.js";

/** @import { Message, Phone } from "./simulator.js" */

const FIRST = { channel: "sms", address: "447700900001" };
const SECOND = { channel: "sms", address: "447700900002" };
const MESSAGE = { channel: "sms", message_type: "text", from: "Bakery", text: "Your cupcakes are ready!" };

const request = () => ({
  ...{ ...MESSAGE, to: FIRST.address, expiry_time: 15 },
  failover: [{ ...MESSAGE, to: SECOND.address }],
});

/** @param {string} origin   of the API that sends to the simulator */
const curl = (origin) =>
  `curl ${origin}/v1/messages -u bakery:SECRET \\\n  -H 'content-type: application/json' -d '${JSON.stringify(request())}'`;

/**
 * @param {(open: boolean) => void} open
 * @param {() => Promise<void>} refresh
 * @returns {{see: (phones: Phone[]) => void}}
 */
export function startStory(open, refresh) {
  let asked = false;
  let playing = false;
  let empty = false;
  /** @type {Phone[]} */
  let seen = [];
  /** @type {Set<string>}   the messages of earlier runs of the example */
  let before = new Set();

  /** The webhooks go to the API that sends to the simulator, so their URL has its origin. */
  async function learn() {
    asked = true;
    /** @type {{status_url: string, sends: boolean}} */
    const { status_url: url, sends } = await ask("GET", "/about");
    const origin = new URL(url).origin;
    sender.origin = origin;
    byId("play").hidden = !sends;
    byId("sender").setAttribute("href", origin);
    say(byId("curl"), curl(origin));
  }

  byId("set-up").addEventListener("click", async () => {
    try {
      await ask("PUT", `/phones/sms/${FIRST.address}`, { mode: "airplane" });
      await ask("PUT", `/phones/sms/${SECOND.address}`, { mode: "on" });
      playing = true;
      before = new Set(seen.flatMap((phone) => phone.messages.map((message) => message.message_uuid)));
      say(byId("story-said"), "");
      await refresh();
    } catch (error) {
      say(byId("story-said"), messageOf(error));
    }
  });
  byId("send-example").addEventListener("click", async () => {
    try {
      await ask("POST", "/send", request());
      say(byId("story-said"), "");
      await refresh();
    } catch (error) {
      say(byId("story-said"), messageOf(error));
    }
  });
  byId("copy").addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(byId("curl").textContent ?? "").then(
      () => true,
      () => false,
    );
    say(byId("copied"), done ? "Copied." : "The browser does not let this page copy. Select the text instead.");
  });

  /** @param {Phone[]} phones */
  function see(phones) {
    if (!asked) {
      learn().catch(() => {
        asked = false;
      });
    }
    if (phones.length === 0 && !empty) open(true);
    if (phones.length > 0 && empty && !playing) open(false);
    empty = phones.length === 0;
    seen = phones;
    byId("story-lead").hidden = !empty;

    const [first, second] = [FIRST, SECOND].map((one) =>
      phones.find((phone) => phone.channel === one.channel && phone.address === one.address),
    );
    /** @type {(phone: Phone | undefined) => Message[]} */
    const received = (phone) =>
      (phone?.messages ?? []).filter((one) => one.direction === "received" && !before.has(one.message_uuid));
    const arrived = (/** @type {Phone | undefined} */ phone) => received(phone).some((message) => message.shown);
    const done = new Map([
      ["phones", Boolean(first && second) && (first?.mode === "airplane" || received(first).length > 0)],
      ["sent", received(first).length > 0],
      ["second", arrived(second)],
      ["first", arrived(first) && arrived(second)],
    ]);
    const over = [...done.values()].every(Boolean);
    byId("story-steps").classList.toggle("over", over);
    say(byId("set-up"), over ? "Play it again" : "Set up both phones");
    showProgress(done);
  }

  return { see };
}

/** Marks the steps that are done, and the next one. @param {Map<string, boolean>} done */
function showProgress(done) {
  const steps = parts(byId("story-steps"), "[data-step]");
  const next = steps.find((step) => !done.get(step.dataset.step ?? ""));
  for (const step of steps) {
    step.className = done.get(step.dataset.step ?? "") ? "done" : step === next ? "next" : "";
    step.toggleAttribute("aria-current", step === next);
    if (step === next) step.setAttribute("aria-current", "step");
  }
}
