import assert from "node:assert/strict";
import { test } from "node:test";

import { plainNumber, read } from "../../functions/getthrough/web/dispatches/query.js";

const UUID = "0b1e0000-1111-4222-8333-a1b2c3d4e500";
const BY_NUMBER = ["sms", "mms", "rcs", "whatsapp", "viber_service"];

/** @param {string} address @param {string[]} channels */
function contacts(address, ...channels) {
  return { kind: "contacts", address, contacts: channels.map((channel) => ({ channel, address })) };
}

for (const typed of [
  "447700900001",
  "+447700900001",
  "00447700900001",
  "+44 (0)7700 900-001",
  "0044 7700.900001",
  " (44) 7700 900001 ",
]) {
  test(`“${typed}” is looked for as a number on every channel that has numbers`, () => {
    assert.deepEqual(
      read(typed, ""),
      contacts("447700900001", ...BY_NUMBER, ...(typed === "447700900001" ? ["messenger"] : [])),
    );
  });
  test(`“${typed}” is looked for as a number on the channel that was chosen`, () => {
    assert.deepEqual(read(typed, "rcs"), contacts("447700900001", "rcs"));
  });
}

for (const typed of ["07700 900001", "+0 7700 900001", "07700900001 ", "00 0 1234567"]) {
  test(`“${typed}” lacks its country code`, () => {
    const problem = "Enter the number with its country code, such as +44 7700 900001.";
    assert.deepEqual(read(typed, "sms"), { kind: "invalid", problem });
  });
}

for (const typed of [UUID, UUID.toUpperCase(), ` ${UUID} `, UUID.replaceAll("-", "")]) {
  test(`“${typed}” is an id, whatever channel is chosen`, () => {
    for (const channel of ["", "sms"]) assert.deepEqual(read(typed, channel), { kind: "id", id: UUID });
  });
}

test("an email address is looked for among the emails", () => {
  assert.deepEqual(read("ann@bakery.example", ""), contacts("ann@bakery.example", "email"));
});

test("sixteen digits are a user of Messenger, since no number has so many", () => {
  assert.deepEqual(read("1234567890123456", ""), contacts("1234567890123456", "messenger"));
});

test("a user id is an address on the channel that was chosen", () => {
  assert.deepEqual(read("GB.ann7", "whatsapp"), contacts("GB.ann7", "whatsapp"));
});

test("an address with spaces is refused on a channel", () => {
  const problem = "An address has no spaces. To search by reference, choose “Any channel”.";
  assert.deepEqual(read("Order 7", "whatsapp"), { kind: "invalid", problem });
});

for (const typed of ["order-7", "Order 4711", "4711", "ann at bakery", "2026-11-23/0001"]) {
  test(`“${typed}” is looked for as the client's own reference`, () => {
    assert.deepEqual(read(typed, ""), { kind: "reference", reference: typed });
  });
}

test("nothing asks for everything", () => {
  assert.deepEqual(read("  ", "sms"), { kind: "all" });
});

test("a number is written as it is stored", () => {
  assert.equal(plainNumber("+44 (0)7700 900-001"), "447700900001");
});
