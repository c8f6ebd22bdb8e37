// Every pattern of the console takes time in proportion to the length of the text, whatever the text is.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../functions/getthrough/web/", import.meta.url));

/** A pattern where one can begin: not after a name or a bracket, where a slash divides. */
const LITERAL =
  /(?<=(?:[(,=:&|!?[{;>]|return)\s*)\/(?![*/ ])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([dgimsuvy]*)/g;

const PIECES = [..." \t\n0a.@<>-_(){}[]\"'\\:;,+*#|=/", "{{", "00", "a.", ". ", "(0)", "\u202a", "é"];

const SHORT = 2_000;
const LONG = 16_000;
/** Milliseconds. Less says nothing about growth. */
const UNNOTICED = 4;

/** @returns {[string, string, string][]} the file, the pattern and its flags */
function patterns() {
  return readdirSync(WEB, { encoding: "utf8", recursive: true })
    .filter((file) => file.endsWith(".js") && !file.startsWith("vendor"))
    .flatMap((file) => {
      const code = readFileSync(WEB + file, "utf8").replace(/^\s*(?:\/\*\*|\*).*$/gm, "");
      return [...code.matchAll(LITERAL)].map(
        ([, source = "", flags = ""]) => /** @type {[string, string, string]} */ ([file, source, flags]),
      );
    });
}

/** The least of three times: what else the machine does only adds to it. @param {RegExp} pattern @param {string} text */
function milliseconds(pattern, text) {
  const times = [1, 2, 3].map(() => {
    const began = performance.now();
    text.replace(pattern, "");
    return performance.now() - began;
  });
  return Math.min(...times);
}

const FOUND = patterns();

for (const [file, source, flags] of FOUND)
  test(`the time of /${source}/${flags} in ${file} grows with the length of the text`, () => {
    const pattern = new RegExp(source, flags);
    for (const piece of PIECES)
      for (const end of ["", "!", "\n"]) {
        const longer = milliseconds(pattern, piece.repeat(LONG / piece.length) + end);
        if (longer < UNNOTICED) continue;
        const shorter = milliseconds(pattern, piece.repeat(SHORT / piece.length) + end);
        assert.ok(
          longer < (3 * LONG * Math.max(shorter, 0.05)) / SHORT,
          `${JSON.stringify(piece)}: ${shorter}, ${longer}`,
        );
      }
  });

test("there are patterns to look at", () => {
  const texts = FOUND.map(([, source]) => source);
  assert.ok(texts.length > 50, `${texts.length}`);
  for (const one of ["0", "[.\\s]", "^\\s*\\*(\\s+\\*){4}\\s*$", "[\",\\t\\r\\n']|^\\s|\\s$"])
    assert.ok(texts.includes(one), one);
});
