import assert from "node:assert/strict";
import { test } from "node:test";

import { named, plainer, segmentsOf } from "../../functions/getthrough/web/text/sms_segments.js";

/** @type {[what: string, text: string, alphabet: string, characters: number, segments: number, left: number][]} */
const TABLE = [
  // what, text, alphabet, characters, segments, left
  ["nothing", "", "GSM-7", 0, 0, 160],
  ["one letter", "a", "GSM-7", 1, 1, 159],
  ["a full segment", "a".repeat(160), "GSM-7", 160, 1, 0],
  ["one more", "a".repeat(161), "GSM-7", 161, 2, 153 - 8],
  ["two full parts", "a".repeat(306), "GSM-7", 306, 2, 0],
  ["one more than two parts", "a".repeat(307), "GSM-7", 307, 3, 152],
  ["an escaped character takes two", "€".repeat(80), "GSM-7", 80, 1, 0],
  ["81 of them", "€".repeat(81), "GSM-7", 81, 2, 153 - 10],
  ["an escape is not parted from its character", `${"a".repeat(152)}€${"a".repeat(7)}`, "GSM-7", 160, 2, 153 - 9],
  ["a full Unicode segment", "ş".repeat(70), "Unicode", 70, 1, 0],
  ["one more of Unicode", "ş".repeat(71), "Unicode", 71, 2, 67 - 4],
  ["one character makes all of it Unicode", `${"a".repeat(159)}ş`, "Unicode", 160, 3, 67 - 26],
  ["an emoji takes two", "🧁".repeat(35), "Unicode", 35, 1, 0],
  ["36 of them", "🧁".repeat(36), "Unicode", 36, 2, 67 - 6],
  ["a surrogate pair is not split", `${"a".repeat(66)}🧁${"a".repeat(3)}`, "Unicode", 70, 2, 67 - 5],
];

for (const [what, text, alphabet, characters, segments, left] of TABLE) {
  test(`segments: ${what}`, () => {
    const { culprits, ...facts } = segmentsOf(text);
    assert.deepEqual(facts, { alphabet, characters, segments, left });
    assert.equal(culprits.length > 0, alphabet === "Unicode");
  });
}

test("every character of GSM 03.38 is in the alphabet, and no other of the first 10,000", () => {
  const table =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  const extension = "\f^{}\\[~]|€";
  assert.equal([...table].length, 127); // and the escape
  for (let code = 0; code < 10_000; code++) {
    const character = String.fromCharCode(code);
    const units = table.includes(character) ? 1 : extension.includes(character) ? 2 : null;
    const { alphabet, left } = segmentsOf(character);
    assert.deepEqual(
      [alphabet, left],
      units === null ? ["Unicode", 69] : ["GSM-7", 160 - units],
      `U+${code.toString(16)}`,
    );
  }
});

test("each segment that is counted is needed: cut by hand, no fewer would hold the text", () => {
  const alphabet = ["a", "€", "ş", "🧁", "é"];
  let seed = 7;
  const random = (/** @type {number} */ most) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % most;
  };
  for (let round = 0; round < 300; round++) {
    const letters = random(2) ? alphabet : ["a", "€", "é"];
    const text = Array.from({ length: random(500) }, () => letters[random(letters.length)]).join("");
    const { segments, left, alphabet: used } = segmentsOf(text);
    const part = used === "GSM-7" ? 153 : 67;
    const units = [...text].reduce(
      (sum, character) => sum + (used === "GSM-7" ? (character === "€" ? 2 : 1) : character.length),
      0,
    );
    if (segments > 1) {
      assert.ok(units <= segments * part - left, text);
      assert.ok(units > (segments - 1) * (part - 1), text); // at most one unit of each is left over
    } else {
      assert.equal(units, segments ? (used === "GSM-7" ? 160 : 70) - left : 0);
    }
  }
});

test("what forces Unicode is named as people see it, once, in the order of the text", () => {
  assert.deepEqual(segmentsOf("Şeker — 👩‍🍳 ready 👩‍🍳 Ş e\u0301").culprits, ["Ş", "—", "👩‍🍳", "e\u0301"]);
  assert.deepEqual(segmentsOf("Ready {now} for 5 €").culprits, []);
});

test("plain characters stand for those that word processors put in, and nothing else changes", () => {
  assert.equal(
    plainer("“It’s” 5–6 o’clock…\u00a0«see» you\u200b e\u0301 🧁 ş"),
    '"It\'s" 5-6 o\'clock... "see" you é 🧁 ş',
  );
  for (const text of ["Ready {now} for 5 €\nsee you", "ş 🧁 ж"]) assert.equal(plainer(text), text);
});

test("a character that is not to be seen has a name", () => {
  assert.deepEqual(["ş", "🧁", "\u00a0", "\u200b", "\u2003"].map(named), [
    "“ş”",
    "“🧁”",
    "a no-break space",
    "an invisible space",
    "U+2003",
  ]);
});
