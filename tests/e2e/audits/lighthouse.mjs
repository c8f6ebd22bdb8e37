// What Lighthouse finds on a page, in one run.
//
// Standard input: {"chromium", "arguments", "url", "signIn": {"name", "secret"} | null}. Standard output: {"marks":
// {category: mark}, "faults": [what was not perfect], "counts": {"files", "bytes", "shift"}}. Lighthouse's mark for performance
// depends on what else the computer does, so what it comes from is counted instead: the files that the page fetches, their
// bytes, and how far its parts move while it loads.
import { readFileSync } from "node:fs";
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const given = JSON.parse(readFileSync(0, "utf8"));
const CATEGORIES = ["accessibility", "best-practices"];
const COUNTED = ["network-requests", "cumulative-layout-shift"];
const FILES = new Set(["Document", "Stylesheet", "Script", "Image", "Font"]);
const SCREEN = { mobile: false, width: 1350, height: 940, deviceScaleFactor: 1, disabled: false };
const QUIET = 500; // milliseconds without request and work: the pages look again every second or two, so never for long
const settings = {
  formFactor: "desktop", screenEmulation: SCREEN, disableStorageReset: true, maxWaitForLoad: 60_000,
  throttlingMethod: "simulate", throttling: { rttMs: 40, throughputKbps: 10_240, cpuSlowdownMultiplier: 1 },
  disableFullPageScreenshot: true, skipAudits: ["bf-cache", "screenshot-thumbnails", "final-screenshot"], // slow, and without marks
  pauseAfterFcpMs: QUIET, pauseAfterLoadMs: QUIET, networkQuietThresholdMs: QUIET, cpuQuietThresholdMs: QUIET,
};

async function signIn(tab, url, { name, secret }) {
  await tab.goto(url);
  await tab.waitForSelector("#name", { visible: true });
  await tab.type("#name", name);
  await tab.type("#secret", secret);
  await tab.keyboard.press("Enter");
  await tab.waitForSelector("#sign-out", { visible: true });
}

async function measure(tab) {
  if (given.signIn) await signIn(tab, given.url, given.signIn);
  const wanted = { ...settings, onlyCategories: CATEGORIES, onlyAudits: COUNTED };
  const { lhr } = await lighthouse(given.url, { logLevel: "silent" }, { extends: "lighthouse:default", settings: wanted }, tab);
  if (lhr.runtimeError) throw new Error(`${given.url}: ${lhr.runtimeError.message}`);
  return { marks: marksOf(lhr), faults: faultsOf(lhr), counts: countsOf(lhr.audits) };
}

function marksOf(lhr) {
  return Object.fromEntries(CATEGORIES.map((category) => [category, Math.round(lhr.categories[category].score * 100)]));
}

function faultsOf(lhr) {
  const imperfect = ({ id, weight }) => weight && lhr.audits[id].score !== null && lhr.audits[id].score < 1;
  const described = ({ id }) => `${lhr.audits[id].title} ${lhr.audits[id].displayValue ?? ""}`.trim();
  return CATEGORIES.flatMap((category) => lhr.categories[category].auditRefs.filter(imperfect).map(described));
}

function countsOf(audits) {
  // A page that looks again every second fetches data as often as there is time: files are what is the same each time.
  const requests = audits["network-requests"].details.items.filter(({ resourceType }) => FILES.has(resourceType));
  const files = new Map(requests.map(({ url, transferSize }) => [url, transferSize]));
  return {
    files: files.size,
    bytes: [...files.values()].reduce((sum, size) => sum + size, 0),
    shift: audits["cumulative-layout-shift"].numericValue,
  };
}

const browser = await puppeteer.launch({ executablePath: given.chromium, args: given.arguments, headless: true });
try {
  process.stdout.write(JSON.stringify(await measure(await browser.newPage())));
} finally {
  await browser.close();
}
