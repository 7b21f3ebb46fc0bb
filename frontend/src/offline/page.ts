// The page's side of what the service worker keeps (docs/adr/0025-critical-css-and-offline.md).

import { newId } from "../new-id";
import type { FromPage, FromWorker } from "./worker";

/** Lets this page, and those after it, be read without a line. Only over HTTPS and on this machine, where browsers have service workers. */
export async function keepForLater(workers: ServiceWorkerContainer | undefined = navigator.serviceWorker): Promise<void> {
  if (!workers) return;
  workers.addEventListener("message", (event: MessageEvent<FromWorker>) => {
    if (event.data === "newer") offerNewer();
  });
  const came = workers.controller !== null;
  await workers.register("/sw.js");
  const { active } = await workers.ready;
  if (came) return;
  const files = performance.getEntriesByType("resource").map((entry) => entry.name);
  const message: FromPage = { keep: location.href, files: files.filter((name) => name.startsWith(`${location.origin}/static/`)) };
  active?.postMessage(message);
}

/** This is a copy, and the page itself is there now. */
function offerNewer(): void {
  const link = document.querySelector<HTMLAnchorElement>("[data-kept-newer]");
  if (link) link.hidden = false;
}

/** A copy's forms have the keys under which they may have been sent already: what is sent from here is something new. */
export function renewKeys(): void {
  if (!document.querySelector("[data-kept]:not([hidden])")) return;
  for (const field of document.querySelectorAll<HTMLInputElement>("input[name=idempotency_key]")) field.value = newId();
}
