import { confirmSubmit, copyLink, copyText, readyAgain, sendOnce, submitOnChange } from "./enhance";
import { keepForLater, renewKeys } from "./offline/page";
import { seeSoon } from "./seen";
import { bringBack, keepTyped } from "./typed";

document.addEventListener("submit", (event) => {
  confirmSubmit(event);
  sendOnce(event);
  keepTyped(event);
});
document.addEventListener("click", (event) => void copyText(event));
document.addEventListener("click", (event) => void copyLink(event));
document.addEventListener("change", submitOnChange);
addEventListener("pageshow", readyAgain);
document.getElementById("error-summary")?.focus();
seeSoon();
bringBack();
renewKeys();
addEventListener("load", () => void keepForLater().catch(() => undefined)); // without it, pages are read where there is a line
