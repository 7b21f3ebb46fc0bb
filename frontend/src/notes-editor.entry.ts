import { NotesEditor } from "./notes-editor";

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-notes-editor]")) new NotesEditor(form).start();
