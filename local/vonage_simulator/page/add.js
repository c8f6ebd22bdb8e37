/** The form "Add a phone", and its errors for an address that a phone can't have. */
import { ask, byId, CHANNELS, messageOf, part, path, say } from "./simulator.js";

/** What the address is called, if it is not a number. */
const ADDRESS_NAMES = new Map([
  ["email", "Address"],
  ["messenger", "User ID"],
]);

/** A written number as digits: +44 (0)7700 900-001. @param {string} text */
const digits = (text) =>
  text
    .replace(/\(0\)/g, "")
    .replace(/[\s()./-]/g, "")
    .replace(/^(\+|00)/, "");

/** @param {string} channel @param {string} text @returns {{address: string, wrong?: string}} */
function read(channel, text) {
  if (channel === "email") {
    const address = text.trim();
    return /^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$/.test(address)
      ? { address }
      : { address, wrong: "Enter an email address." };
  }
  if (channel === "messenger") {
    const address = text.trim();
    return address && address.length <= 50 ? { address } : { address, wrong: "A user ID has 1 to 50 characters." };
  }
  const address = digits(text);
  if (/^[1-9][0-9]{6,14}$/.test(address)) return { address };
  return { address, wrong: "A number has its country code and 7 to 15 digits, such as 447700900001." };
}

/** @param {() => Promise<void>} refresh */
export function startAdding(refresh) {
  const form = byId("add");
  const channel = /** @type {HTMLSelectElement} */ (part(form, "[name=channel]"));
  const address = /** @type {HTMLInputElement} */ (part(form, "[name=address]"));
  channel.append(...[...CHANNELS].map(([value, label]) => new Option(label, value)));
  const name = () => {
    say(byId("add-what"), ADDRESS_NAMES.get(channel.value) ?? "Number");
    address.inputMode = ADDRESS_NAMES.has(channel.value) ? "email" : "tel";
  };
  channel.addEventListener("change", name);
  address.addEventListener("input", () => {
    address.removeAttribute("aria-invalid");
    say(byId("add-said"), "");
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const phone = { channel: channel.value, ...read(channel.value, address.value) };
    if (phone.wrong) {
      address.setAttribute("aria-invalid", "true");
      say(byId("add-said"), phone.wrong);
      address.focus();
      return;
    }
    try {
      await ask("PUT", path(phone), {});
      address.value = "";
      say(byId("add-said"), `${CHANNELS.get(phone.channel)} ${phone.address} was added.`);
      await refresh();
    } catch (error) {
      say(byId("add-said"), messageOf(error));
    }
  });
  name();
}
