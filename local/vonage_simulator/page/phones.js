/** Shows all phones and updates them every second, at once after a click, and not while the page is hidden. */
import { startAdding } from "./add.js";
import { startFaults } from "./faults.js";
import { fits, lastText, newestFirst, WHOLE } from "./order.js";
import { newPhone } from "./phone.js";
import { AwayError, ask, byId, copyOf, messageOf, part, path, say } from "./simulator.js";
import { startStory } from "./story.js";

/** @import { Phone } from "./simulator.js" */

/** @typedef {{phone: Phone, card: HTMLElement, fill: (phone: Phone) => void, json: string}} Shown */
/** @typedef {{section: HTMLElement, phones: Map<string, Shown>, seenAt: number, opened: boolean}} Group   the phones of one number, by their paths */

const EVERY_MS = 1000;

/** What is shown, by number. @type {Map<string, Group>} */
const numbers = new Map();
const list = byId("phones");
const trouble = byId("trouble");
const find = /** @type {HTMLInputElement} */ (byId("find"));
/** The message whose phone is sought: the console's links name one. */
let sought = location.hash.slice(1);
let looks = 0;
let newest = 0;

/** @param {string} address @param {number} seenAt @param {() => Promise<void>} again */
function newNumber(address, seenAt, again) {
  const section = copyOf("number-template");
  section.setAttribute("aria-label", address);
  part(section, "h2").textContent = address;
  /** @type {Group} */
  const entry = { section, phones: new Map(), seenAt, opened: false };
  part(section, "button").addEventListener("click", async () => {
    const mode = section.dataset.offline ? "on" : "airplane";
    const phones = [...entry.phones.values()].filter(({ phone }) => mode === "airplane" || phone.mode === "airplane");
    await Promise.all(phones.map(({ phone }) => ask("PUT", path(phone), { mode }))).catch(tell);
    await again();
  });
  part(section, ".whole").addEventListener("click", () => {
    entry.opened = true;
    arrange();
    part(section, ".screen").focus();
  });
  list.prepend(section);
  numbers.set(address, entry);
  return entry;
}

/** @param {Phone[]} phones */
function show(phones) {
  for (const [index, phone] of phones.entries()) {
    const seenAt = Date.now() - phones.length + index; // the later one is the newer one
    const number = numbers.get(phone.address) ?? newNumber(phone.address, seenAt, refresh);
    let entry = number.phones.get(path(phone));
    if (!entry) {
      entry = { ...newPhone(phone, refresh), phone, json: "" };
      number.phones.set(path(phone), entry);
      part(number.section, ".devices").append(entry.card);
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
    const button = part(section, "header button");
    button.hidden = shown.size < 2;
    say(button, offline ? "All out of airplane mode" : "All into airplane mode");
  }
  const wanted = phones.find(({ messages }) => messages.some(({ client_ref: reference }) => reference === sought));
  if (sought && wanted) showOnly(wanted);
  else if (!inUse()) arrange();
}

/** @param {Phone} phone */
function showOnly(phone) {
  [sought, find.value] = ["", phone.address];
  arrange();
  const card = numbers.get(phone.address)?.phones.get(path(phone))?.card;
  if (card) part(card, ".screen").focus();
}

/** Whether a person is at one of the phones: then nothing may move. */
const inUse = () => list.contains(document.activeElement) || list.matches(":hover");

/** Puts the newest numbers first and shows them whole; the others are a line each. */
function arrange() {
  const all = [...numbers].map(([address, group]) => ({
    ...{ address, group, seenAt: group.seenAt },
    phones: [...group.phones.values()].map(({ phone }) => phone),
  }));
  const found = newestFirst(all).filter((entry) => fits(entry, find.value));
  const shown = new Set(found);
  for (const entry of all) entry.group.section.hidden = !shown.has(/** @type {any} */ (entry));
  for (const [index, entry] of found.entries()) {
    const { section, opened } = /** @type {any} */ (entry).group;
    const small = index >= WHOLE && !opened;
    section.classList.toggle("small", small);
    part(section, ".devices").hidden = small;
    part(section, ".whole").hidden = !small;
    say(part(section, ".last"), small ? lastText(entry) : "");
    if (list.children[index] !== section) list.insertBefore(section, list.children[index] ?? null);
  }
  say(byId("none-found"), found.length || !find.value ? "" : "No phone has this number, channel or text.");
}

async function refresh() {
  const mine = ++looks;
  /** @type {Phone[]} */
  const phones = await ask("GET", "/phones");
  if (mine < newest) return; // a later request is shown already
  newest = mine;
  show(phones);
  story.see(phones);
}

/** @param {unknown} error */
function tell(error) {
  say(trouble, messageOf(error));
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

find.addEventListener("input", arrange);
panel("add", () => part(byId("add"), "[name=address]").focus());
startAdding(refresh);
panel("faults", () => {
  faults.look().catch(tell);
});
const faults = startFaults();
const story = startStory(panel("story"), refresh);

const sure = /** @type {HTMLDialogElement} */ (byId("sure"));
byId("forget").addEventListener("click", () => sure.showModal());
sure.addEventListener("close", async () => {
  if (sure.returnValue !== "yes") return;
  sure.returnValue = "";
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

addEventListener("hashchange", () => {
  sought = location.hash.slice(1);
  void watch();
});
document.addEventListener("visibilitychange", watch);
void watch();
