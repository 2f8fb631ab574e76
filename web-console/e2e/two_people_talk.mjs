// Two people talk through a real browser: a customer's tab and an agent's tab against a running engine.
//
//   DESKWIRE_URL             where the engine is, e.g. http://127.0.0.1:8080
//   DESKWIRE_AGENT_EMAIL     an agent who may take tickets
//   DESKWIRE_AGENT_PASSWORD
//   DESKWIRE_CATEGORY        (optional) the category to choose; else the first
//   DESKWIRE_RESTART         (optional) a command that ends the engine and returns when it is up again
//   DESKWIRE_SHOTS           (optional) a folder for pictures of both pages
//   CHROMIUM                 (optional) else /usr/bin/chromium

import assert from "node:assert/strict";
import { exec } from "node:child_process";
import { promisify } from "node:util";

import { chromium } from "playwright-core";

export const WAIT_MS = 20_000;
export const env = (name) => process.env[name] ?? assert.fail(`${name} is not set`);
export const url = env("DESKWIRE_URL").replace(/\/$/, "");
const subject = `Printer on fire ${Date.now()}`;
const HOSTILE = `<img src=x onerror="document.title='owned'"> & "quotes" 👋`;

/** Does a step and names it where it fails. */
export async function step(name, work) {
  try {
    await work();
    console.log(`ok - ${name}`);
  } catch (fault) {
    fault.message = `${name}: ${fault.message}`;
    throw fault;
  }
}

/** A tab of its own person, with what goes wrong in it. */
export async function person(browser, faults) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.on("pageerror", (fault) => faults.push(fault.message));
  page.on("console", (line) => {
    // A line that is down while the engine restarts is no fault of the page.
    const expected = /WebSocket connection|ERR_CONNECTION|Failed to load resource/.test(line.text());
    if (line.type() === "error" && !expected) faults.push(line.text());
  });
  return page;
}

const log = (page) => page.getByRole("log", { name: "Messages" });
const said = (page, text) => log(page).locator(".said .text").getByText(text, { exact: true });

async function say(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByLabel("Message", { exact: true }).press("Enter");
}

/** The text is there, once, and on disk. */
async function hasOnce(page, text) {
  await said(page, text).first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".said.sending"));
  assert.equal(await said(page, text).count(), 1, `${text} is there once`);
}

async function talk(customer, agent, texts) {
  const [asked, answered] = texts;
  await say(customer, asked);
  await hasOnce(agent, asked);
  await say(agent, answered);
  await hasOnce(customer, answered);
  await hasOnce(customer, asked);
  await hasOnce(agent, answered);
}

export async function signIn(agent, email = env("DESKWIRE_AGENT_EMAIL")) {
  await agent.goto(`${url}/agent`);
  await agent.getByLabel("E-mail").fill(email);
  await agent.getByLabel("Password").fill(env("DESKWIRE_AGENT_PASSWORD"));
  await agent.getByRole("button", { name: "Sign in" }).click();
  const available = agent.getByRole("switch");
  await available.waitFor();
  await agent.waitForFunction(() => !document.querySelector("[role=switch]").disabled);
  if ((await available.getAttribute("aria-checked")) !== "true") await available.click();
  await agent.getByRole("switch", { checked: true }).waitFor();
}

async function startChat(customer) {
  await customer.goto(`${url}/`);
  await customer.getByLabel("Your name").fill("Ada Lovelace");
  await customer.getByLabel("Your e-mail (optional)").fill("ada@example.com");
  if (process.env.DESKWIRE_CATEGORY) await customer.getByLabel("Category").selectOption(process.env.DESKWIRE_CATEGORY);
  await customer.getByLabel("What is it about?").fill(subject);
  await customer.getByRole("button", { name: "Start the chat" }).click();
  await customer.getByRole("heading", { name: subject }).waitFor();
}

/** Picks the ticket from the queue, unless the queue has given it already. */
async function take(agent) {
  const waiting = agent.locator("#queue li", { hasText: subject });
  const mine = agent.locator("#mine li", { hasText: subject });
  await waiting.or(mine).first().waitFor();
  if (await waiting.count()) await waiting.getByRole("button", { name: /^Pick/ }).click().catch(() => {});
  await mine.getByRole("button").click();
  await agent.getByRole("heading", { name: subject }).waitFor();
}

export async function sees(page, pattern) {
  await page.locator(".stage").getByText(pattern).waitFor();
}

async function typingIsSeen(writer, reader) {
  const typing = reader.getByText(/ is typing …/).waitFor();
  await writer.getByLabel("Message", { exact: true }).pressSequentially("I am thinking about it", { delay: 60 });
  await typing;
  await writer.getByLabel("Message", { exact: true }).fill("");
}

async function reload(customer, agent) {
  await Promise.all([customer.reload(), agent.reload()]);
  await agent.locator("#mine li", { hasText: subject }).getByRole("button").click();
  await hasOnce(agent, "It smokes.");
  await hasOnce(customer, "It smokes.");
}

async function restart(customer, agent) {
  // The engine refuses settings that it does not know: the test's own variables are not for it.
  const own = /^DESKWIRE_(URL|AGENT_EMAIL|AGENT_PASSWORD|CATEGORY|RESTART|SHOTS)$/;
  const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
  const down = promisify(exec)(env("DESKWIRE_RESTART"), { env: others });
  await say(customer, "Written while it was restarted");
  await say(agent, "So was this");
  await down;
  await hasOnce(agent, "Written while it was restarted");
  await hasOnce(customer, "So was this");
  await talk(customer, agent, ["Is it back?", "It is."]);
  for (const text of ["It smokes.", "Stay away from it.", HOSTILE]) {
    await hasOnce(agent, text);
    await hasOnce(customer, text);
  }
}

async function close(customer, agent) {
  await agent.getByLabel("Outcome").fill("Fire put out");
  await agent.getByRole("button", { name: "Close the ticket" }).click();
  await sees(customer, /closed/);
  await sees(agent, /closed/);
  await log(customer).getByText(/Fire put out/).waitFor();
  assert.ok(await customer.getByLabel("Message", { exact: true }).isDisabled());
  assert.ok(await agent.getByLabel("Message", { exact: true }).isDisabled());
}

export async function fitsNarrowScreens(...pages) {
  for (const page of pages) {
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${over} pixels too wide at 360`);
    assert.notEqual(await page.title(), "owned");
  }
}

async function shoot(name, customer, agent) {
  const folder = process.env.DESKWIRE_SHOTS;
  if (!folder) return;
  await customer.screenshot({ path: `${folder}/${name}-customer.png` });
  await agent.screenshot({ path: `${folder}/${name}-agent.png` });
}

/** What the customer was told of is in his drawer, also after the reload before; read, it stays so. */
async function notices(customer) {
  await customer.getByRole("button", { name: /^Notices/ }).click();
  await customer.locator("#notices li", { hasText: "has your chat" }).first().waitFor();
  await customer.getByRole("button", { name: "Mark all as read" }).click();
  await customer.getByRole("button", { name: /^Notices$/ }).click();
}

/** Own lines that the other side has in sight are marked as read. */
async function readMarks(customer, agent) {
  for (const page of [customer, agent]) await log(page).locator(".said.own .meta", { hasText: "read" }).last().waitFor();
}

export async function twoPeopleTalk(prepare = async () => {}) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const faults = [];
  const [customer, agent] = [await person(browser, faults), await person(browser, faults)];
  try {
    await prepare(customer, agent);
    await step("the agent signs in and is available", () => signIn(agent));
    await step("the customer starts a chat", () => startChat(customer));
    await step("the agent takes it from the queue", () => take(agent));
    await step("the customer sees who is there", () => sees(customer, /is with you/));
    await step("typing is seen on both sides", async () => {
      await typingIsSeen(customer, agent);
      await typingIsSeen(agent, customer);
    });
    await step("they talk both ways", () => talk(customer, agent, ["It smokes.", "Stay away from it."]));
    await step("markup is shown as text", () => talk(customer, agent, [HOSTILE, "I can read that."]));
    await shoot("talk", customer, agent);
    await step("a reload of both tabs survives", () => reload(customer, agent));
    await step("they talk on after it", () => talk(customer, agent, ["Still there?", "Still here."]));
    if (process.env.DESKWIRE_RESTART) await step("a restart of the engine survives", () => restart(customer, agent));
    await step("what was said is seen to be read", () => readMarks(customer, agent));
    await step("the customer finds his notices", () => notices(customer));
    await step("both pages fit a narrow screen", () => fitsNarrowScreens(customer, agent));
    await step("the close is seen by both", () => close(customer, agent));
    await shoot("closed", customer, agent);
    assert.deepEqual(faults, [], "nothing went wrong in the pages");
    console.log("1 passed, 0 failed");
  } catch (fault) {
    await shoot("fault", customer, agent).catch(() => {});
    console.error(fault, faults);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

if (process.argv[1] === import.meta.filename) await twoPeopleTalk();
