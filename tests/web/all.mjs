// All tests in this folder in one process, which is many times cheaper than a process for each file.
import { readdirSync } from "node:fs";

for (const file of readdirSync(import.meta.dirname).sort()) {
  if (file.endsWith(".test.mjs")) {
    await import(`./${file}`);
  }
}
