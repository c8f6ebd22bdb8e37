// @ts-check
/** Shows all phones, and looks again every second: at once after a click, not while nobody looks at the page. */
import { startAdding } from "./add.js";
import { startFaults } from "./faults.js";
import { newPhone } from "./phone.js";
import { AwayError, ask, byId, path, say } from "./simulator.js";
import { startStory } from "./story.js";

/** @typedef {import("./simulator.js").Phone} Phone */

const EVERY_MS = 1000;

/** @type {Map<string, {section: any, phones: Map<string, any>}>} what is shown: by number, and there by the phone's path */
const numbers = new Map();
const list = byId("phones");
const trouble = byId("trouble");
let looks = 0;
let newest = 0;

/** @param {string} address @param {() => Promise<void>} again */
function newNumber(address, again) {
  const section = byId("number-template").content.firstElementChild.cloneNode(true);
  section.setAttribute("aria-label", address);
  section.querySelector("h2").textContent = address;
  const entry = { section, phones: new Map() };
  section.querySelector("button").addEventListener("click", async () => {
    const mode = section.dataset.offline ? "on" : "airplane";
    const phones = [...entry.phones.values()].filter(({ phone }) => mode === "airplane" || phone.mode === "airplane");
    await Promise.all(phones.map(({ phone }) => ask("PUT", path(phone), { mode }))).catch(tell);
    await again();
  });
  list.append(section);
  numbers.set(address, entry);
  return entry;
}

/** @param {Phone[]} phones */
function show(phones) {
  for (const phone of phones) {
    const number = numbers.get(phone.address) ?? newNumber(phone.address, refresh);
    let entry = number.phones.get(path(phone));
    if (!entry) {
      entry = { ...newPhone(phone, refresh), json: "" };
      number.phones.set(path(phone), entry);
      number.section.querySelector(".devices").append(entry.card);
    }
    const json = JSON.stringify(phone);
    if (entry.json !== json) entry.fill(phone);
    Object.assign(entry, { json, phone });
  }
  const here = new Set(phones.map((phone) => path(phone)));
  for (const [address, { section, phones: shown }] of numbers) {
    for (const [key, { card }] of shown) {
      if (here.has(key)) continue;
      card.remove();
      shown.delete(key);
    }
    if (shown.size === 0) {
      section.remove();
      numbers.delete(address);
    }
    const offline = [...shown.values()].every(({ phone }) => phone.mode === "airplane");
    section.toggleAttribute("data-offline", offline);
    if (offline) section.dataset.offline = "yes";
    const button = section.querySelector("header button");
    button.hidden = shown.size < 2;
    say(button, offline ? "All out of airplane mode" : "All into airplane mode");
  }
}

async function refresh() {
  const mine = ++looks;
  const phones = await ask("GET", "/phones");
  if (mine < newest) return; // what was asked for later is shown already
  newest = mine;
  show(phones);
  story.see(phones);
}

/** @param {Error} error */
function tell(error) {
  say(trouble, error.message);
  trouble.hidden = false;
  trouble.dataset.away = error instanceof AwayError ? "yes" : "";
}

/** A panel and the button that opens it. @param {string} name @param {() => void} [opened] */
function panel(name, opened) {
  const button = byId(`show-${name}`);
  const set = (/** @type {boolean} */ open) => {
    byId(name).hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) opened?.();
  };
  button.addEventListener("click", () => set(byId(name).hidden));
  return set;
}

panel("add", () => byId("add").elements.address.focus());
startAdding(refresh);
panel("faults", () => faults.look().catch(tell));
const faults = startFaults();
const story = startStory(panel("story"), refresh);

byId("forget").addEventListener("click", () => byId("sure").showModal());
byId("sure").addEventListener("close", async () => {
  if (byId("sure").returnValue !== "yes") return;
  byId("sure").returnValue = "";
  await ask("DELETE", "/phones").then(refresh).then(faults.look).catch(tell);
});

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

async function watch() {
  clearTimeout(timer);
  if (document.hidden) return;
  const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  try {
    await Promise.all([refresh(), faults.watch()]);
    if (trouble.dataset.away) trouble.hidden = true;
    document.body.classList.remove("away");
    for (const clock of document.querySelectorAll(".clock")) say(clock, time);
  } catch (error) {
    document.body.classList.toggle("away", error instanceof AwayError);
    tell(error);
  }
  clearTimeout(timer);
  timer = setTimeout(watch, EVERY_MS);
}

document.addEventListener("visibilitychange", watch);
watch();
