import { confirmSubmit, copyText, readyAgain, sendOnce, submitOnChange } from "./enhance";

document.addEventListener("submit", (event) => {
  confirmSubmit(event);
  sendOnce(event);
});
document.addEventListener("click", (event) => void copyText(event));
document.addEventListener("change", submitOnChange);
addEventListener("pageshow", readyAgain);
document.getElementById("error-summary")?.focus();
