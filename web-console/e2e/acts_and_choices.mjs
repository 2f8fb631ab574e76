// In a real browser: customers whom nobody serves choose, and staff do what there is a button for. Against a running demo engine.
//
//   DESKWIRE_URL             where the engine is, e.g. http://127.0.0.1:8080
//   DESKWIRE_AGENT_PASSWORD  of all staff of the demo
//   DESKWIRE_SHOTS           (optional) a folder for pictures of the pages
//   CHROMIUM                 (optional) else /usr/bin/chromium

import assert from "node:assert/strict";

import { chromium } from "playwright-core";

import { env, fitsNarrowScreens, person, sees, signIn, step, url } from "./two_people_talk.mjs";

const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Sets rules of a category, as an admin does. */
async function rules(category, changed) {
  const json = { "content-type": "application/json" };
  const body = JSON.stringify({ email: "admin@demo.example", password: env("DESKWIRE_AGENT_PASSWORD") });
  const { token } = await (await fetch(`${url}/api/auth/login`, { method: "POST", headers: json, body })).json();
  const answer = await fetch(`${url}/api/admin/categories/${category}/rules`, {
    method: "PUT", headers: { ...json, authorization: `Bearer ${token}` }, body: JSON.stringify(changed),
  });
  assert.ok(answer.ok, `${category}: ${answer.status} ${answer.ok || (await answer.text())}`);
}

async function startChat(customer, category, subject) {
  await customer.goto(`${url}/`);
  await customer.getByLabel("Your name").fill("Ada Lovelace");
  await customer.getByLabel("Your e-mail (optional)").fill("ada@example.com");
  await customer.getByLabel("Category").selectOption(category);
  await customer.getByLabel("What is it about?").fill(subject);
  await button(customer, "Start the chat").click();
}

async function turnedAway(customer) {
  await startChat(customer, "general", "At night");
  await customer.getByText("We sleep.").waitFor();
  await fitsNarrowScreens(customer);
  await customer.getByLabel("Leave a message").fill("Please call me.");
  await button(customer, "Leave the message").press("Enter");
  await sees(customer, /You left a message/);
  await customer.locator(".said.own .text", { hasText: "Please call me." }).waitFor();
  await customer.reload();
  await sees(customer, /You left a message/);
}

async function waitsTooLong(customer) {
  await startChat(customer, "billing", "Slow bill");
  const choices = customer.getByRole("region", { name: "While you wait" });
  await choices.getByText("It takes long.").waitFor();
  await fitsNarrowScreens(customer);
  await button(choices, "Wait on").click();
  await choices.waitFor({ state: "detached" });
  await sees(customer, /You are number|Waiting for an agent/);
}

async function goesOnAsMessage(customer) {
  await startChat(customer, "billing", "Later bill");
  await button(customer.getByRole("region", { name: "While you wait" }), "Leave it as a message").click();
  await sees(customer, /You left a message/);
}

const inQueue = (page, subject) => page.locator("#queue li", { hasText: subject });

async function ignoresAndPicks(agent) {
  const waiting = inQueue(agent, "Slow bill");
  await waiting.getByRole("button", { name: /^Ignore/ }).click();
  await waiting.waitFor({ state: "detached" });
  await agent.getByText("Ignored", { exact: false }).first().click();
  await agent.locator("#ignored").getByRole("button", { name: /^Show/ }).click();
  await waiting.getByRole("button", { name: /^Pick/ }).click();
  await agent.getByRole("heading", { name: "Slow bill" }).waitFor();
  await button(agent, "Wait for the customer").click();
  await sees(agent, /waits for the customer/);
  await button(agent, "Resume").click();
  await sees(agent, /active/);
}

/** Opens the menu, if it is not, and chooses. */
async function choose(page, what) {
  const menu = page.locator(".ticket .act-menu");
  if ((await menu.getAttribute("open")) === null) await menu.locator("summary").press("Enter");
  await menu.getByLabel("What").selectOption({ label: what });
  return menu;
}

async function offersToColleague(agent, colleague) {
  const menu = await choose(agent, "Give it to a colleague");
  const name = menu.getByLabel("Colleague");
  await name.locator("option", { hasText: "Bob" }).waitFor({ state: "attached" });
  await name.selectOption({ value: await name.locator("option", { hasText: "Bob" }).getAttribute("value") });
  await menu.getByLabel("How").selectOption("if_accepted");
  await button(menu, "Give it to a colleague").click();
  await colleague.locator("#offers").getByRole("button", { name: /^Decline/ }).click();
  await agent.locator(".toast", { hasText: "stays yours" }).waitFor();
}

/** The supervisor takes no tickets at first, so that an escalated one waits until he does. */
async function escalates(agent, supervisor) {
  await supervisor.getByRole("switch", { name: "Available" }).click();
  await supervisor.getByRole("switch", { name: "Away" }).waitFor();
  const menu = await choose(agent, "Ask for a supervisor");
  await menu.getByLabel("Reason").fill("He is angry");
  await fitsNarrowScreens(agent);
  await button(menu, "Ask for a supervisor").click();
  await sees(agent, /waits for a supervisor/);
  await supervisor.locator("#escalations").getByRole("button", { name: /^Take over/ }).waitFor();
  await supervisor.getByRole("switch", { name: "Away" }).click();
  await supervisor.locator("#mine").getByRole("button", { name: /Slow bill/ }).click();
  assert.equal(await supervisor.locator("#escalations li").count(), 0);
  await agent.getByText("not yours any more").waitFor();
}

async function movesToCategory(supervisor) {
  const menu = await choose(supervisor, "Give it to another category");
  await menu.getByLabel("Category").selectOption("technical");
  await menu.getByLabel("Reason").fill("It is the printer");
  await button(menu, "Give it to another category").click();
  await supervisor.getByRole("log").getByText("went to technical").waitFor();
}

async function turnsDownAndRestores(supervisor) {
  const menu = await choose(supervisor, "Turn it down");
  await menu.getByLabel("Reason").fill("Spam");
  await button(menu, "Turn it down").click();
  await sees(supervisor, /turned down/);
  await choose(supervisor, "Restore it");
  await button(supervisor.locator(".ticket .act-menu"), "Restore it").click();
  await sees(supervisor, /waiting again/);
}

async function takesOver(agent, supervisor) {
  await inQueue(agent, "Slow bill").getByRole("button", { name: /^Pick/ }).click();
  await choose(supervisor, "Take it over");
  await button(supervisor.locator(".ticket .act-menu"), "Take it over").click();
  await button(supervisor, "Hold").waitFor();
}

async function namesHisStatus(agent) {
  await agent.locator(".head .act-menu summary").click();
  await agent.getByLabel("Status", { exact: true }).selectOption("busy");
  await agent.getByLabel("Called (optional)").fill("Lunch");
  await button(agent, "Set the status").click();
  await agent.locator("#label", { hasText: "Lunch" }).waitFor();
  await agent.getByRole("switch", { name: "Busy" }).waitFor();
}

async function sayInRoom(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByLabel("Message", { exact: true }).press("Enter");
}

async function meetInRoom(founder, guest) {
  await founder.goto(`${url}/rooms`);
  await founder.getByLabel("Title").fill("Printers");
  await button(founder, "Open the room").click();
  await founder.getByRole("heading", { name: "Printers" }).waitFor();
  await guest.goto(`${url}/rooms`);
  await button(guest, "Enter Printers").click();
  await guest.getByLabel("Message", { exact: true }).waitFor();
  await sayInRoom(guest, "Mine is the best.");
  await founder.locator(".said .text", { hasText: "Mine is the best." }).waitFor();
}

async function moderates(founder, guest) {
  await founder.locator(".act-menu summary").press("Enter");
  await founder.getByLabel("What", { exact: true }).selectOption("delete_post");
  await founder.getByLabel("Reason").fill("boasting");
  await button(founder, "Delete a message").click();
  await guest.locator(".said .text", { hasText: "Mine is the best." }).waitFor({ state: "detached" });
  await founder.getByLabel("What", { exact: true }).selectOption("mute");
  await founder.getByLabel("Whom").selectOption({ label: "Alice" });
  await button(founder, "Mute somebody").click();
  await guest.getByText(/^You may say nothing here until/).waitFor();
  assert.ok(await guest.getByLabel("Message", { exact: true }).isDisabled());
}

async function all(people) {
  const { night, slow, later, alice, bob, sam } = people;
  await rules("general", { mode: "manual", hours: "2999-01-01 09:00-17:00; zone UTC", unavailable_text: "We sleep." });
  await rules("billing", { mode: "manual", wait_max_s: 1, full_text: "It takes long." });
  await rules("technical", { mode: "manual" });
  await step("staff sign in", () => Promise.all([signIn(alice, "alice@demo.example"), signIn(bob, "bob@demo.example"), signIn(sam, "sam@demo.example")]));
  await step("out of hours a customer leaves a message", () => turnedAway(night));
  await step("who waits for too long is asked, and waits on", () => waitsTooLong(slow));
  await step("who waits for too long leaves a message", () => goesOnAsMessage(later));
  await step("an agent ignores, shows again, picks, pends and resumes", () => ignoresAndPicks(alice));
  await step("a ticket is offered to a colleague who declines", () => offersToColleague(alice, bob));
  await step("an escalated ticket is a supervisor's", () => escalates(alice, sam));
  await step("he gives it to another category", () => movesToCategory(sam));
  await step("he turns it down and restores it", () => turnsDownAndRestores(sam));
  await step("he takes it over from whoever picked it", () => takesOver(alice, sam));
  await step("an agent names his status", () => namesHisStatus(alice));
  await step("a supervisor opens a room and an agent talks in it", () => meetInRoom(sam, alice));
  await step("he deletes a message and mutes the agent", () => moderates(sam, alice));
  await step("all pages fit a narrow screen", () => fitsNarrowScreens(...Object.values(people)));
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const faults = [];
const people = {};
try {
  for (const name of ["night", "slow", "later", "alice", "bob", "sam"]) people[name] = await person(browser, faults);
  await all(people);
  assert.deepEqual(faults, [], "nothing went wrong in the pages");
  console.log("1 passed, 0 failed");
} catch (fault) {
  console.error(fault, faults);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
} finally {
  const folder = process.env.DESKWIRE_SHOTS;
  if (folder) for (const [name, page] of Object.entries(people)) await page.screenshot({ path: `${folder}/acts-${name}.png`, fullPage: true });
  await browser.close();
}
