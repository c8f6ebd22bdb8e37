import assert from "node:assert/strict";
import { test } from "node:test";

import { plainNumber, read } from "../../functions/getthrough/web/dispatches/query.js";

const UUID = "0b1e0000-1111-4222-8333-a1b2c3d4e500";
const GB = { default_country: "GB", calling_code: "44", national_prefix: "0" };
const RU = { default_country: "RU", calling_code: "7", national_prefix: "8" };
const US = { default_country: "US", calling_code: "1", national_prefix: "1" };
const IT = { default_country: "IT", calling_code: "39", national_prefix: "" };

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
  "\u202a+44 7700 900001\u202c",
]) {
  test(`“${typed}” is looked for as one customer, who is the same on every channel that has numbers`, () => {
    assert.deepEqual(
      read(typed, ""),
      contacts("447700900001", "sms", ...(typed === "447700900001" ? ["messenger"] : [])),
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

test("an email address is looked for among the emails, without what does not show", () => {
  assert.deepEqual(read("\ufeffan\u200bn@bakery.example", ""), contacts("ann@bakery.example", "email"));
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

for (const [typed, usual, number] of /** @type {const} */ ([
  ["07700 900001", GB, "447700900001"],
  ["07700900001", GB, "447700900001"],
  ["(020) 7946-0018", GB, "442079460018"],
  ["20 7946 0018", GB, "442079460018"],
  ["44 7700 900001", GB, "447700900001"],
  ["+44 (0)7700 900001", GB, "447700900001"],
  ["0049 1512 3456789", GB, "4915123456789"],
  ["49 1512 3456789", GB, "4915123456789"],
  ["447700900001", GB, "447700900001"],
  ["8 912 345-67-89", RU, "79123456789"],
  ["(415) 555-0100", US, "14155550100"],
  ["1 (415) 555-0100", US, "14155550100"],
  ["06 698 12345", IT, "390669812345"],
])) {
  test(`“${typed}” is ${number}, where the usual country is ${usual.default_country}`, () => {
    assert.equal(plainNumber(typed, usual), number);
    assert.deepEqual(read(typed, "rcs", usual), contacts(number, "rcs"));
  });
}
