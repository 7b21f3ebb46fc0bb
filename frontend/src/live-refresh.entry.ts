import { LivePage } from "./live-refresh";

const root = document.querySelector<HTMLElement>("[data-live-url]");
if (root) new LivePage(root).start();
