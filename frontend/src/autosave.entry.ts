import { Autosave } from "./autosave";

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-autosave]")) new Autosave(form).start();
