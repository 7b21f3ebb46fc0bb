// The agenda builder: the running order by drag and by keyboard, and the keys of the triage.
import Sortable from "sortablejs/modular/sortable.core.esm.js";
import { OrderEditor } from "./agenda-sort";
import { KeyScopes } from "./key-scopes";
import { Keys } from "./live-room/keys";

const list = document.querySelector<HTMLElement>("[data-order]");
if (list && document.querySelector("[data-order-save]")) {
  const editor = new OrderEditor(list);
  editor.start();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let before: string[] = [];
  Sortable.create(list, {
    handle: "[data-order-handle]",
    animation: still ? 0 : 150,
    onStart: () => (before = editor.ids),
    onEnd: ({ item }) => editor.dropped(item.dataset.item ?? "", before),
  });
}
new KeyScopes().start();
if (document.querySelector("dialog[data-keys]")) new Keys().start();
