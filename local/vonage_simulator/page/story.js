// @ts-check
/** The example that an empty page teaches with: its steps are ticked off as they come true. */
import { ask, byId, say } from "./simulator.js";

/** @typedef {import("./simulator.js").Phone} Phone */

const FIRST = { channel: "sms", address: "447700900001" };
const SECOND = { channel: "sms", address: "447700900002" };
const MESSAGE = { channel: "sms", message_type: "text", from: "Bakery", text: "Your cupcakes are ready!" };

/** @param {string} origin of whoever uses the simulator */
const curl = (origin) => {
  const body = { ...MESSAGE, to: FIRST.address, expiry_time: 15, failover: [{ ...MESSAGE, to: SECOND.address }] };
  return `curl ${origin}/v1/messages -u bakery:SECRET \\\n  -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
};

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
  /** @type {Set<string>} the messages of an earlier time that it was played */
  let before = new Set();

  /** Only who uses the simulator knows where messages are to be sent; its webhooks go there. */
  async function learn() {
    asked = true;
    const { status_url: url } = await ask("GET", "/about");
    const origin = new URL(url).origin;
    byId("sender").href = origin;
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
      say(byId("story-said"), error.message);
    }
  });
  byId("copy").addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(byId("curl").textContent).then(
      () => true,
      () => false,
    );
    say(byId("copied"), done ? "Copied." : "The browser does not let this page copy: mark the text instead.");
  });

  /** @param {Phone[]} phones */
  function see(phones) {
    if (!asked)
      learn().catch(() => {
        asked = false;
      });
    if (phones.length === 0 && !empty) open(true);
    if (phones.length > 0 && empty && !playing) open(false);
    empty = phones.length === 0;
    seen = phones;
    byId("story-lead").hidden = !empty;

    const [first, second] = [FIRST, SECOND].map((one) =>
      phones.find((phone) => phone.channel === one.channel && phone.address === one.address),
    );
    /** @type {(phone: Phone | undefined) => import("./simulator.js").Message[]} */
    const received = (phone) =>
      (phone?.messages ?? []).filter((one) => one.direction === "received" && !before.has(one.message_uuid));
    const arrived = (/** @type {Phone | undefined} */ phone) => received(phone).some((message) => message.shown);
    const done = {
      phones: Boolean(first && second) && (first?.mode === "airplane" || received(first).length > 0),
      sent: received(first).length > 0,
      second: arrived(second),
      first: arrived(first) && arrived(second),
    };
    const over = Object.values(done).every(Boolean);
    byId("story-steps").classList.toggle("over", over);
    say(byId("set-up"), over ? "Play it again" : "Set up both phones");
    let next = true;
    for (const step of byId("story-steps").children) {
      const isDone = done[step.dataset.step];
      step.className = isDone ? "done" : next ? "next" : "";
      if (!isDone && next) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
      if (!isDone) next = false;
    }
  }

  return { see };
}
