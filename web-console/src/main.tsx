// The page: the customer's at /, the agent's at /agent, the supervisor's at /floor.

import { render } from "preact";

import { AgentPage } from "./agent.tsx";
import { CustomerPage } from "./customer.tsx";
import { FloorPage } from "./floor.tsx";
import { ownTab } from "./keep.ts";
import "./style.css";

const path = location.pathname.replace(/\/+$/, "");
const Page = path === "/agent" ? AgentPage : path === "/floor" ? FloorPage : CustomerPage;
const place = document.getElementById("page");

void ownTab().then(() => {
  if (place) render(<Page />, place);
});
