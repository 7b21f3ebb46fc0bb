// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { showPresence, showTally } from "./counters";

const POLL = "0f0e";
const cell = (choice: string, key: string) =>
  `<td><span data-tally="${key}" data-of="100000" id="${choice}-${key}">0</span><svg><rect class="bar-part" width="0"></rect></svg></td>`;
const row = (choice: string) => `<tr data-tally-choice="${choice}">${cell(choice, "municipalities")}${cell(choice, "population")}</tr>`;
const text = (id: string) => document.getElementById(id)!.textContent;

beforeEach(() => {
  document.documentElement.lang = "en";
  document.body.innerHTML = `<p data-live-connected hidden><b data-live-count>1</b></p><table data-tally-poll="${POLL}">${["0", "1", "all"].map(row).join("")}</table>`;
});

it("shows how many are connected", () => {
  showPresence({ type: "presence", joined: [], left: [], count: 1312 });
  expect(document.querySelector("b")!.textContent).toBe("1,312");
  expect(document.querySelector("p")!.hidden).toBe(false);
});

it("counts each choice and their sum, in both keys", () => {
  const tally = [
    { choice: "yes", municipalities: 2, population: 60_000 },
    { choice: "no", municipalities: 1, population: 2_500 },
  ];
  expect(showTally({ type: "tally", poll: POLL, tally })).toBe(true);
  expect(["0-municipalities", "0-population", "1-population", "all-municipalities", "all-population"].map(text)).toEqual([
    "2",
    "60,000",
    "2,500",
    "3",
    "62,500",
  ]);
  expect(document.getElementById("0-population")!.parentElement!.querySelector("rect")!.getAttribute("width")).toBe("60.00");
});

it("asks for the page when it does not show the poll", () => {
  expect(showTally({ type: "tally", poll: "other", tally: [] })).toBe(false);
});
