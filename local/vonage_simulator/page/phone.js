// @ts-check
/** One phone: its screen, and the switches under it. Filled again and again; what somebody types or has opened stays. */
import { BLOCKS, bubble, errorWords, hidden } from "./message.js";
import { ask, byId, CHANNELS, make, path, say } from "./simulator.js";

/** @typedef {import("./simulator.js").Phone} Phone */
/** @typedef {import("./simulator.js").Message} Message */

const SIGNALS = {
  on: ["Connected", "signal"],
  airplane: ["Airplane", "plane"],
  blocked: ["Blocked", "block"],
  slow: ["Slow", "slow"],
  unreachable: ["No service", "lost"],
};
const NOTICES = {
  airplane: "Airplane mode. Nothing arrives, nothing can be sent.",
  blocked: "What this sender writes is rejected.",
  slow: "Messages take their time.",
  unreachable: "Vonage finds no way to this phone.",
};
const WITHOUT_ANSWER = "Nobody can answer an email here.";
const HIDDEN_LINES = 3;

/**
 * @param {Phone} first as it is now
 * @param {() => Promise<void>} refresh looks again, at all phones
 * @returns {{card: HTMLElement, fill: (phone: Phone) => void}}
 */
export function newPhone(first, refresh) {
  const card = byId("phone-template").content.firstElementChild.cloneNode(true);
  /** @type {(selector: string) => any} */
  const part = (selector) => card.querySelector(selector);
  const channel = CHANNELS[first.channel] ?? first.channel;
  const name = `${channel} ${first.address}`;
  const said = part(".said");
  const input = part(".reply input");
  let phone = first;
  let sending = false;

  card.setAttribute("aria-label", name);
  card.dataset.channel = first.channel;
  part(".channel").textContent = channel;
  part(".screen").setAttribute("aria-label", `Screen of ${name}`);
  input.id = `reply-${first.channel}-${first.address}`;
  part(".reply label").htmlFor = input.id;
  part(".reply label").textContent = `Reply from ${name}`;
  part("legend").textContent = `Settings of ${name}`;
  part("[name=error]").append(...BLOCKS.map((code) => new Option(errorWords(code), String(code))));
  for (const element of card.querySelectorAll(".reading")) element.hidden = !first.can_read;
  part(".unread").hidden = first.can_read;

  /** @param {() => Promise<unknown>} action what was clicked; if it fails, why is said, and things are shown as they are */
  async function attempt(action) {
    try {
      await action();
      say(said, "");
    } catch (error) {
      say(said, error.message);
    }
    await refresh().catch(() => undefined);
    fill(phone);
  }

  /** @param {object} settings */
  const set = (settings) => attempt(() => ask("PUT", path(first), settings));

  /** @param {object} answer */
  const send = (answer) => ask("POST", path(first, "/reply"), answer);

  /** Why this phone cannot send now; "" if it can. */
  function obstacle() {
    if (phone.mode === "airplane")
      return "This phone is in airplane mode. Switch it off to answer; what you typed stays.";
    return lastOn(phone) ? "" : "Nothing has arrived on this phone yet, so there is nobody to answer.";
  }

  /** Says what is in the way, until it is gone. */
  function blocked() {
    const why = obstacle();
    said.toggleAttribute("data-obstacle", Boolean(why));
    if (why) say(said, why);
    return Boolean(why);
  }

  part(".reply").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    const text = input.value;
    if (!text.trim()) return input.focus();
    if (sending || blocked()) return undefined;
    sending = true;
    return attempt(async () => {
      await send({ text });
      if (input.value === text) input.value = "";
    }).finally(() => {
      sending = false;
    });
  });
  part(".quick").addEventListener("click", (/** @type {any} */ event) => {
    const answer = event.target.dataset.answer;
    if (answer && !blocked()) attempt(() => send(JSON.parse(answer)));
  });
  part(".read").addEventListener("click", () => {
    attempt(() => ask("POST", path(first, "/read"), {}));
    part(".screen").focus(); // the button goes
  });
  for (const tile of card.querySelectorAll("[data-mode]")) {
    tile.addEventListener("click", () => set({ mode: phone.mode === tile.dataset.mode ? "on" : tile.dataset.mode }));
  }
  part("[name=reads]").addEventListener("change", (/** @type {any} */ event) =>
    set({ reads: JSON.parse(event.target.value) }),
  );
  part("[name=receipts]").addEventListener("change", (/** @type {any} */ event) =>
    set({ receipts: event.target.checked }),
  );
  part("[name=error]").addEventListener("change", (/** @type {any} */ event) =>
    set({ error: Number(event.target.value) }),
  );
  part("[name=delay]").addEventListener("change", (/** @type {any} */ event) => {
    const seconds = event.target.valueAsNumber;
    if (seconds >= 0) set({ delay: seconds });
    else say(said, "How long a message takes must be a number of seconds, 0 or more.");
  });

  /** @param {Phone} now */
  function fill(now) {
    phone = now;
    if (said.hasAttribute("data-obstacle") && !obstacle()) {
      said.removeAttribute("data-obstacle");
      say(said, "");
    }
    const [signal, icon] = SIGNALS[phone.mode];
    card.dataset.mode = phone.mode;
    say(part(".signal span"), signal);
    part(".signal use").setAttribute("href", `#${icon}`);
    say(part(".notice"), NOTICES[phone.mode] ?? "");
    for (const tile of card.querySelectorAll("[data-mode]")) {
      tile.setAttribute("aria-checked", String(tile.dataset.mode === phone.mode));
    }

    const last = lastOn(phone);
    say(part("h3 small"), last ? `with ${last.other}` : "");
    say(part(".avatar"), (last?.other ?? channel).slice(0, 1).toUpperCase());
    const unread = phone.messages.filter((message) => message.status === "delivered").length;
    part(".read").hidden = !(phone.can_read && phone.receipts && unread && phone.mode !== "airplane");

    fillScreen(
      part(".screen"),
      phone.messages.filter((message) => message.shown),
    );
    fillHidden(
      part(".network"),
      phone.messages.filter((message) => !message.shown),
      phone.mode,
    );
    fillQuick(part(".quick"), last);
    const silent = phone.channel === "email";
    part(".write").hidden = silent;
    part(".quick").hidden = silent || !last;
    if (silent) say(part(".notice"), NOTICES[phone.mode] ?? WITHOUT_ANSWER);

    choose(part("[name=reads]"), String(phone.reads === true ? 1 : phone.reads));
    choose(part("[name=error]"), String(phone.error));
    part("[name=receipts]").checked = phone.receipts;
    if (document.activeElement !== part("[name=delay]")) part("[name=delay]").value = phone.delay;
  }

  return { card, fill };
}

/** The last message that arrived. @param {Phone} phone */
const lastOn = (phone) => phone.messages.findLast((message) => message.direction === "received" && message.shown);

/** Shows a value that the list may not have. @param {HTMLSelectElement} select @param {string} value */
function choose(select, value) {
  if (document.activeElement === select) return;
  if (![...select.options].some((option) => option.value === value)) {
    select.add(new Option(select.name === "reads" ? `after ${value} s` : errorWords(Number(value)), value));
  }
  select.value = value;
}

/** Only what changed is made anew, so nothing flickers and a screen reader hears each message once. @param {HTMLElement} screen @param {Message[]} messages */
function fillScreen(screen, messages) {
  const atEnd = screen.scrollHeight - screen.scrollTop - screen.clientHeight < 40;
  const list = /** @type {HTMLElement} */ (screen.firstElementChild);
  const before = list.children.length;
  const ordered = messages.toSorted((one, two) => when(one).localeCompare(when(two)));
  ordered.forEach((message, number) => {
    const key = `${message.message_uuid} ${message.status}`;
    const old = /** @type {HTMLElement | undefined} */ (list.children[number]);
    if (old?.dataset.key === key) return;
    const item = bubble(message);
    item.dataset.key = key;
    if (old) old.replaceWith(item);
    else list.append(item);
  });
  while (list.children.length > ordered.length) list.lastElementChild?.remove();
  if (atEnd && list.children.length !== before) screen.scrollTop = screen.scrollHeight;
}

/** @param {Message} message */
const when = (message) => message.arrived_at ?? message.at;

/** @param {HTMLElement} list @param {Message[]} messages @param {string} mode */
function fillHidden(list, messages, mode) {
  const newest = messages.slice(-HIDDEN_LINES).reverse();
  const items = newest.map((message) => hidden(message, mode));
  if (messages.length > HIDDEN_LINES) items.push(make("li", "rest", `and ${messages.length - HIDDEN_LINES} before`));
  const key = items.map((item) => item.className + item.textContent).join("\n");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...items);
  list.hidden = items.length === 0;
}

/** STOP and START, and what the last message offers. @param {HTMLElement} row @param {Message | undefined} last */
function fillQuick(row, last) {
  const offered = (last?.content.suggestions ?? last?.content.card?.suggestions ?? [])
    .filter((/** @type {any} */ one) => one.type === "reply")
    .map((/** @type {any} */ one) => [
      one.text,
      { message_type: "reply", reply: { id: one.postback_data, title: one.text } },
    ]);
  const answers = [
    ...offered,
    ["Thanks!", { text: "Thanks!" }],
    ["STOP", { text: "STOP" }],
    ["START", { text: "START" }],
  ];
  const key = JSON.stringify(answers);
  if (row.dataset.key === key) return;
  row.dataset.key = key;
  row.replaceChildren(
    ...answers.map(([words, answer]) => {
      const button = make("button", "", words);
      button.setAttribute("type", "button");
      button.dataset.answer = JSON.stringify(answer);
      return button;
    }),
  );
}
