// Shows GET /phones, once a second. All text goes through textContent: what is in a message stays text.
"use strict";

const CHANNELS = {
  sms: "SMS", mms: "MMS", rcs: "RCS", whatsapp: "WhatsApp",
  messenger: "Messenger", viber_service: "Viber", email: "Email",
};
const SIGNALS = {
  on: "Connected", airplane: "Airplane mode", blocked: "Sender blocked", slow: "Slow network", unreachable: "Unreachable",
};

const shown = new Map(); // what each phone's card shows: {card, json}
const list = document.getElementById("phones");
const trouble = document.getElementById("trouble");

const path = (phone, action = "") =>
  `/phones/${encodeURIComponent(phone.channel)}/${encodeURIComponent(phone.address)}${action}`;

async function tell(method, url, body) {
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail || `The twin answered ${answer.status}.`);
  }
  await refresh();
}

// Carries out what somebody clicked; a failure is said, and the card goes back to how things are.
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    for (const entry of shown.values()) entry.json = "";
    await refresh();
    trouble.textContent = error.message;
  }
}

function words(message) {
  const content = message.content;
  const kind = message.message_type;
  if (message.text !== null) return message.text;
  const media = content[kind];
  if (media && typeof media.url === "string") return [`[${kind}] ${media.url}`, media.caption].filter(Boolean).join("\n");
  return `[${kind}] ${JSON.stringify(media === undefined ? content : media)}`;
}

function about(message) {
  const time = new Date(message.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (message.direction === "sent") return `To ${message.other} · ${time}`;
  return `From ${message.other} · ${time}${message.status === "read" ? " · read" : ""}`;
}

function bubble(message) {
  const item = document.createElement("li");
  item.className = message.direction;
  const text = document.createElement("p");
  text.className = "bubble";
  text.textContent = words(message);
  const small = document.createElement("span");
  small.className = "about";
  small.textContent = about(message);
  item.append(text, small);
  return item;
}

function hidden(phone) {
  const count = (...statuses) => phone.messages.filter((message) => statuses.includes(message.status)).length;
  const parts = [
    [count("accepted", "submitted"), "on the way"],
    [count("rejected"), "rejected"],
    [count("undeliverable"), "undeliverable"],
    [count("revoked"), "revoked"],
  ];
  return parts.filter(([number]) => number).map(([number, what]) => `${number} ${what}`).join(" · ");
}

function newCard(phone) {
  const card = document.getElementById("phone").content.firstElementChild.cloneNode(true);
  const name = `${CHANNELS[phone.channel] || phone.channel} ${phone.address}`;
  const input = card.querySelector(".reply input");
  input.id = `reply-${phone.channel}-${phone.address}`;
  card.setAttribute("aria-label", name);
  card.querySelector(".channel").textContent = CHANNELS[phone.channel] || phone.channel;
  card.querySelector("h2").textContent = phone.address;
  card.querySelector(".screen").setAttribute("aria-label", `Screen of ${name}`);
  card.querySelector(".reply label").htmlFor = input.id;
  card.querySelector(".reply label").textContent = `Reply from ${name}`;
  card.querySelector("legend").textContent = `Settings of ${name}`;

  card.querySelector(".reply").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value;
    attempt(async () => {
      await tell("POST", path(phone, "/reply"), { text });
      input.value = "";
    });
  });
  card.querySelector(".read").addEventListener("click", () => attempt(() => tell("POST", path(phone, "/read"), {})));
  for (const button of card.querySelectorAll("[data-switch]")) {
    const what = button.dataset.switch;
    button.addEventListener("change", () => {
      const settings = what === "receipts" ? { receipts: button.checked } : { mode: button.checked ? what : "on" };
      attempt(() => tell("PUT", path(phone), settings));
    });
  }
  list.append(card);
  return card;
}

function fill(card, phone) {
  const offline = phone.mode === "airplane";
  card.querySelector(".signal").textContent = SIGNALS[phone.mode];
  card.querySelector(".below").textContent = hidden(phone);
  card.querySelector(".reply input").disabled = offline;
  card.querySelector(".reply button").disabled = offline;
  card.querySelector("[data-switch=airplane]").checked = offline;
  card.querySelector("[data-switch=blocked]").checked = phone.mode === "blocked";
  const receipts = card.querySelector("[data-switch=receipts]");
  receipts.checked = phone.receipts && phone.can_read;
  receipts.disabled = !phone.can_read;
  card.querySelector(".read").disabled =
    offline || !phone.can_read || !phone.receipts || !phone.messages.some((message) => message.status === "delivered");

  const screen = card.querySelector(".screen");
  const messages = phone.messages.filter((message) => message.shown);
  messages.forEach((message, number) => {
    const key = message.message_uuid + message.status;
    const old = screen.children[number];
    if (old && old.dataset.key === key) return;
    const item = bubble(message);
    item.dataset.key = key;
    if (old) old.replaceWith(item);
    else screen.append(item);
    screen.scrollTop = screen.scrollHeight;
  });
  while (screen.children.length > messages.length) screen.lastElementChild.remove();
}

async function refresh() {
  const answer = await fetch("/phones", { cache: "no-store" });
  if (!answer.ok) throw new Error(`The twin answered ${answer.status}.`);
  const phones = await answer.json();
  const here = new Set();
  for (const phone of phones) {
    const key = path(phone);
    here.add(key);
    const json = JSON.stringify(phone);
    if (!shown.has(key)) shown.set(key, { card: newCard(phone), json: "" });
    const entry = shown.get(key);
    if (entry.json === json) continue;
    fill(entry.card, phone);
    entry.json = json;
  }
  for (const [key, entry] of shown) {
    if (here.has(key)) continue;
    entry.card.remove();
    shown.delete(key);
  }
  document.getElementById("empty").hidden = phones.length > 0;
}

async function watch() {
  try {
    await refresh();
    if (trouble.dataset.lost) trouble.textContent = "";
    delete trouble.dataset.lost;
  } catch {
    trouble.textContent = "The twin does not answer. Is it running?";
    trouble.dataset.lost = "yes";
  }
  setTimeout(watch, 1000);
}

watch();
