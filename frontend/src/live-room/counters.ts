// Numbers that change too often for fetching the page: who is connected, how a vote stands.

import type { Unsequenced } from "./socket";

interface Count {
  municipalities?: number;
  population?: number;
}

const KEYS = ["municipalities", "population"] as const;

/** `count` people are connected: [data-live-count], in a [data-live-connected] that is hidden until somebody has counted. */
export function showPresence(message: Unsequenced): boolean {
  for (const element of document.querySelectorAll<HTMLElement>("[data-live-connected]")) element.hidden = false;
  for (const element of document.querySelectorAll("[data-live-count]")) put(element, Number(message.count));
  return true;
}

/**
 * How an open poll stands, in [data-tally-poll="id"]: by the place of each choice [data-tally-choice="0"], and of all [data-tally-choice="all"],
 * the numbers [data-tally="municipalities"] and [data-tally="population"], with the bar beside each. False when the page shows no such table.
 */
export function showTally(message: Unsequenced): boolean {
  const root = document.querySelector(`[data-tally-poll="${CSS.escape(String(message.poll))}"]`);
  const counts = (message.tally ?? []) as Count[];
  if (!root) return false;
  for (const key of KEYS) {
    counts.forEach((count, place) => set(root, String(place), key, count[key] ?? 0));
    set(root, "all", key, counts.reduce((sum, count) => sum + (count[key] ?? 0), 0));
  }
  return true;
}

function set(root: Element, choice: string, key: string, value: number): void {
  for (const place of root.querySelectorAll<HTMLElement>(`[data-tally-choice="${choice}"] [data-tally="${key}"]`)) {
    put(place, value);
    const share = Math.min(value / Number(place.dataset.of), 1) * 100;
    if (place.dataset.of) place.parentElement?.querySelector(".bar-motion, .bar-part")?.setAttribute("width", share.toFixed(2));
  }
}

function put(element: Element, value: number): void {
  const text = new Intl.NumberFormat(document.documentElement.lang || undefined).format(value);
  if (element.textContent !== text) element.textContent = text;
}
