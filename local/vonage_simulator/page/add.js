// @ts-check
/** "Add a phone": the form, and what it says of an address that no phone can have. */
import { ask, byId, CHANNELS, path, say } from "./simulator.js";

const WHAT = { email: "Address", messenger: "User id" };

/** As people write numbers: +44 (0)7700 900-001. @param {string} text */
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
      : { address, wrong: "That is no email address." };
  }
  if (channel === "messenger") {
    const address = text.trim();
    return address && address.length <= 50
      ? { address }
      : { address, wrong: "A Messenger user id has 1 to 50 characters." };
  }
  const address = digits(text);
  if (/^[1-9][0-9]{6,14}$/.test(address)) return { address };
  return { address, wrong: "A number has its country code and 7 to 15 digits, such as 447700900001." };
}

/** @param {() => Promise<void>} refresh */
export function startAdding(refresh) {
  const form = byId("add");
  const { channel, address } = form.elements;
  channel.append(...Object.entries(CHANNELS).map(([value, label]) => new Option(label, value)));
  const name = () => {
    say(byId("add-what"), WHAT[channel.value] ?? "Number");
    address.inputMode = channel.value in WHAT ? "email" : "tel";
  };
  channel.addEventListener("change", name);
  address.addEventListener("input", () => {
    address.removeAttribute("aria-invalid");
    say(byId("add-said"), "");
  });
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const phone = { channel: channel.value, ...read(channel.value, address.value) };
    if (phone.wrong) {
      address.setAttribute("aria-invalid", "true");
      say(byId("add-said"), phone.wrong);
      return address.focus();
    }
    try {
      await ask("PUT", path(phone), {});
      address.value = "";
      say(byId("add-said"), `${CHANNELS[phone.channel]} ${phone.address} is there.`);
      return await refresh();
    } catch (error) {
      return say(byId("add-said"), error.message);
    }
  });
  name();
}
