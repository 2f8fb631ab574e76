// The page: the customer's at /, the agent's at /agent, the supervisor's at /floor, discussions at /rooms.

import { render } from "preact";
import type { JSX } from "preact";

import { AgentPage } from "./agent.tsx";
import { CustomerPage } from "./customer.tsx";
import { FloorPage } from "./floor.tsx";
import { ownTab } from "./keep.ts";
import { RoomsPage } from "./rooms.tsx";
import "./style.css";

const path = location.pathname.replace(/\/+$/, "");
const PAGES: Readonly<Record<string, () => JSX.Element>> = { "/agent": AgentPage, "/floor": FloorPage, "/rooms": RoomsPage };
const Page = PAGES[path] ?? CustomerPage;
const place = document.getElementById("page");

void ownTab().then(() => {
  if (place) render(<Page />, place);
});
