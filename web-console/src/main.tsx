// The page: the customer's at /, the agent's at /agent.

import { render } from "preact";

import { AgentPage } from "./agent.tsx";
import { CustomerPage } from "./customer.tsx";
import { ownTab } from "./keep.ts";
import "./style.css";

const isAgent = location.pathname.replace(/\/+$/, "") === "/agent";
const place = document.getElementById("page");

void ownTab().then(() => {
  if (place) render(isAgent ? <AgentPage /> : <CustomerPage />, place);
});
