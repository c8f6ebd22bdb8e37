/** One phone: its screen and its switches. Updates keep the focus, open details and typed text. */
import { BLOCKS, bubble, errorWords, hidden } from "./message.js";
import { ask, CHANNELS, copyOf, listAt, make, messageOf, part, parts, path, say, textAt } from "./simulator.js";

/** @import { Message, Mode, Phone } from "./simulator.js" */

/** @type {Record<Mode, [words: string, icon: string]>} */
const SIGNALS = {
  on: ["Connected", "signal"],
  airplane: ["Airplane", "plane"],
  blocked: ["Blocked", "block"],
  slow: ["Slow", "slow"],
  unreachable: ["No service", "lost"],
};
/** @type {Record<Mode, string>} */
const NOTICES = {
  on: "",
  airplane: "Airplane mode. Nothing arrives and nothing can be sent.",
  blocked: "Messages from this sender are rejected.",
  slow: "Messages arrive slowly.",
  unreachable: "Vonage can’t reach this phone.",
};
const NO_REPLY = "You can’t reply to an email here.";
const HIDDEN_LINES = 3;

/**
 * @param {Phone} first   its current state
 * @param {() => Promise<void>} refresh   updates all phones
 * @returns {{card: HTMLElement, fill: (phone: Phone) => void}}
 */
export function newPhone(first, refresh) {
  const card = copyOf("phone-template");
  const channel = CHANNELS.get(first.channel) ?? first.channel;
  const name = `${channel} ${first.address}`;
  const said = part(card, ".said");
  const input = /** @type {HTMLInputElement} */ (part(card, ".reply input"));
  const reads = /** @type {HTMLSelectElement} */ (part(card, "[name=reads]"));
  const receipts = /** @type {HTMLInputElement} */ (part(card, "[name=receipts]"));
  const blockError = /** @type {HTMLSelectElement} */ (part(card, "[name=error]"));
  const delay = /** @type {HTMLInputElement} */ (part(card, "[name=delay]"));
  let phone = first;
  let sending = false;

  card.setAttribute("aria-label", name);
  card.dataset.channel = first.channel;
  part(card, ".channel").textContent = channel;
  part(card, ".screen").setAttribute("aria-label", `Screen of ${name}`);
  input.id = `reply-${first.channel}-${first.address}`;
  part(card, ".reply label").setAttribute("for", input.id);
  part(card, ".reply label").textContent = `Reply from ${name}`;
  part(card, "legend").textContent = `Settings of ${name}`;
  blockError.append(...BLOCKS.map((code) => new Option(errorWords(code), String(code))));
  for (const element of parts(card, ".reading")) element.hidden = !first.can_read;
  part(card, ".unread").hidden = first.can_read;

  /** @param {() => Promise<unknown>} action   what was clicked; if it fails, the reason and the current state are shown */
  async function attempt(action) {
    try {
      await action();
      say(said, "");
    } catch (error) {
      say(said, messageOf(error));
    }
    await refresh().catch(() => undefined);
    fill(phone);
  }

  /** @param {object} settings */
  const set = (settings) => attempt(() => ask("PUT", path(first), settings));

  /** @param {object} reply */
  const send = (reply) => ask("POST", path(first, "/reply"), reply);

  /** Why this phone cannot send now; "" if it can. */
  function obstacle() {
    if (phone.mode === "airplane") return "This phone is in airplane mode. Switch it off to reply. Your text is kept.";
    return lastOn(phone) ? "" : "No message has arrived on this phone yet, so there is nothing to reply to.";
  }

  /** Shows the obstacle until it is gone. */
  function blocked() {
    const why = obstacle();
    said.toggleAttribute("data-obstacle", Boolean(why));
    if (why) say(said, why);
    return Boolean(why);
  }

  part(card, ".reply").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value;
    if (!text.trim()) {
      input.focus();
      return;
    }
    if (sending || blocked()) return;
    sending = true;
    await attempt(async () => {
      await send({ text });
      if (input.value === text) input.value = "";
    }).finally(() => {
      sending = false;
    });
  });
  part(card, ".quick").addEventListener("click", ({ target }) => {
    const reply = target instanceof HTMLElement ? target.dataset.reply : undefined;
    if (reply && !blocked()) void attempt(() => send(JSON.parse(reply)));
  });
  part(card, ".read").addEventListener("click", () => {
    void attempt(() => ask("POST", path(first, "/read"), {}));
    part(card, ".screen").focus(); // the button disappears
  });
  for (const tile of parts(card, "[data-mode]")) {
    tile.addEventListener("click", () => set({ mode: phone.mode === tile.dataset.mode ? "on" : tile.dataset.mode }));
  }
  reads.addEventListener("change", () => set({ reads: JSON.parse(reads.value) }));
  receipts.addEventListener("change", () => set({ receipts: receipts.checked }));
  blockError.addEventListener("change", () => set({ error: Number(blockError.value) }));
  delay.addEventListener("change", () => {
    const seconds = delay.valueAsNumber;
    if (seconds >= 0) void set({ delay: seconds });
    else say(said, "The delay must be a number of seconds, 0 or more.");
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
    say(part(card, ".signal span"), signal);
    part(card, ".signal use").setAttribute("href", `#${icon}`);
    say(part(card, ".notice"), [NOTICES[phone.mode], ...known(phone)].filter(Boolean).join(" · "));
    for (const tile of parts(card, "[data-mode]")) {
      tile.setAttribute("aria-checked", String(tile.dataset.mode === phone.mode));
    }

    const last = lastOn(phone);
    say(part(card, "h3 small"), last ? `with ${last.other}` : "");
    say(part(card, ".avatar"), (last?.other ?? channel).slice(0, 1).toUpperCase());
    const unread = phone.messages.filter((message) => message.status === "delivered").length;
    part(card, ".read").hidden = !(phone.can_read && phone.receipts && unread && phone.mode !== "airplane");

    fillScreen(
      part(card, ".screen"),
      phone.messages.filter((message) => message.shown),
    );
    fillHidden(
      part(card, ".network"),
      phone.messages.filter((message) => !message.shown),
      phone.mode,
    );
    fillQuick(part(card, ".quick"), last);
    const silent = phone.channel === "email";
    part(card, ".write").hidden = silent;
    part(card, ".quick").hidden = silent || !last;
    if (silent) say(part(card, ".notice"), NOTICES[phone.mode] || NO_REPLY);

    choose(reads, String(phone.reads === true ? 1 : phone.reads));
    choose(blockError, String(phone.error));
    receipts.checked = phone.receipts;
    if (document.activeElement !== delay) delay.valueAsNumber = phone.delay;
  }

  return { card, fill };
}

/** The last message that arrived. @param {Phone} phone */
const lastOn = (phone) => phone.messages.findLast((message) => message.direction === "received" && message.shown);

/** What WhatsApp shows of the owner beside the number. @param {Phone} phone */
const known = ({ user_id, writes_as, hides_number }) => [
  writes_as && `writes as ${writes_as}`,
  user_id && `user id ${user_id}`,
  hides_number && "hides the number",
];

/** What only some channels can answer. @param {Message | undefined} last */
function special(last) {
  if (last?.channel === "mms") return [{ words: "Thanks! (as SMS)", reply: { text: "Thanks!", by: "sms" } }];
  if (last?.channel !== "whatsapp") return [];
  const context = { message_uuid: last.message_uuid };
  const system = { type: "user_changed_number", body: "The customer has a new number." };
  return [
    { words: "👍", reply: { message_type: "reaction", reaction: { action: "react", emoji: "👍" }, context } },
    { words: "New number", reply: { message_type: "system", system } },
  ];
}

/** Selects a value, and adds it if the list lacks it. @param {HTMLSelectElement} select @param {string} value */
function choose(select, value) {
  if (document.activeElement === select) return;
  if (![...select.options].some((option) => option.value === value)) {
    select.add(new Option(select.name === "reads" ? `after ${value} s` : errorWords(Number(value)), value));
  }
  select.value = value;
}

/** Replaces only what changed, so that nothing flickers and a screen reader reads each message once. @param {HTMLElement} screen @param {Message[]} messages */
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

/** Quick replies: the suggestions of the last message, STOP and START. @param {HTMLElement} row @param {Message | undefined} last */
function fillQuick(row, last) {
  const suggested = listAt(last?.content, "suggestions");
  const suggestions = suggested.length ? suggested : listAt(last?.content, "card", "suggestions");
  const offered = suggestions.flatMap((one) => {
    const [type, id, title] = [textAt(one, "type"), textAt(one, "postback_data"), textAt(one, "text") ?? ""];
    return type === "reply" ? [{ words: title, reply: { message_type: "reply", reply: { id, title } } }] : [];
  });
  const texts = ["Thanks!", "STOP", "START"].map((text) => ({ words: text, reply: { text } }));
  const replies = [...offered, ...texts, ...special(last)];
  const key = JSON.stringify(replies);
  if (row.dataset.key === key) return;
  row.dataset.key = key;
  row.replaceChildren(
    ...replies.map(({ words, reply }) => {
      const button = make("button", "", words);
      button.setAttribute("type", "button");
      button.dataset.reply = JSON.stringify(reply);
      return button;
    }),
  );
}
