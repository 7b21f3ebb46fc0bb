// Makes the children of one element like those of another, in place: what stays the same keeps its focus, scroll position and state.
// What a person is working on is theirs: a form with unsaved input or the focus is left alone, whole (its hidden version too, so that
// the server notices when somebody else changed the same thing meanwhile), and so is anything marked data-live-keep.

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export function morphChildren(current: Element, wanted: Element): void {
  let cursor: ChildNode | null = current.firstChild;
  const ids = new Set([...wanted.children].map((child) => child.id));
  for (const target of [...wanted.childNodes]) {
    const match = findMatch(cursor, target, ids);
    if (!match) {
      current.insertBefore(document.importNode(target, true), cursor);
      continue;
    }
    if (match !== cursor) bringForward(current, match, cursor as ChildNode);
    morphNode(match, target);
    cursor = match.nextSibling;
  }
  while (cursor) {
    const next: ChildNode | null = cursor.nextSibling;
    if (!isInUse(cursor)) cursor.remove();
    cursor = next;
  }
}

function findMatch(cursor: ChildNode | null, target: ChildNode, ids: Set<string>): ChildNode | null {
  const id = idOf(target);
  let node = cursor;
  if (!id) {
    while (node && isPassedOver(node, target, ids)) node = node.nextSibling;
    return node && isAlike(node, target) ? node : null;
  }
  for (; node; node = node.nextSibling) {
    if (idOf(node) === id && node.nodeName === target.nodeName) return node;
  }
  return null;
}

/** What is gone from the wanted page, with the space around it, does not part the elements after it from those they are. */
function isPassedOver(node: ChildNode, target: ChildNode, ids: Set<string>): boolean {
  const id = idOf(node);
  if (id) return !ids.has(id);
  return target instanceof Element && node instanceof Text && !node.data.trim();
}

/** Moving an element takes its focus away, so it is its predecessors that move when it holds the focus. */
function bringForward(parent: Element, match: ChildNode, cursor: ChildNode): void {
  if (!match.contains(document.activeElement)) {
    parent.insertBefore(match, cursor);
    return;
  }
  let node: ChildNode = cursor;
  while (node !== match) {
    const next = node.nextSibling as ChildNode;
    parent.append(node);
    node = next;
  }
}

function morphNode(current: ChildNode, wanted: ChildNode): void {
  if (current instanceof Element && wanted instanceof Element) morphElement(current, wanted);
  else if (current.nodeValue !== wanted.nodeValue) current.nodeValue = wanted.nodeValue;
}

function morphElement(current: Element, wanted: Element): void {
  if (current.isEqualNode(wanted) || isKept(current)) return;
  for (const { name } of [...current.attributes]) {
    if (!wanted.hasAttribute(name) && !(current instanceof HTMLDetailsElement && name === "open")) current.removeAttribute(name);
  }
  for (const { name, value } of [...wanted.attributes]) {
    if (current.getAttribute(name) !== value) current.setAttribute(name, value);
  }
  morphChildren(current, wanted);
}

function isKept(element: Element): boolean {
  if (element.hasAttribute("data-live-keep")) return true;
  return element instanceof HTMLFormElement ? hasFocus(element) || hasUnsavedInput(element) : isDirty(element);
}

/** A node that must not vanish: someone typed into it. */
function isInUse(node: ChildNode): boolean {
  return node instanceof Element && (isDirty(node) || hasUnsavedInput(node));
}

function hasFocus(form: HTMLFormElement): boolean {
  const active = document.activeElement;
  return form.contains(active) && active instanceof Element && active.matches("input, textarea, select");
}

export function hasUnsavedInput(element: Element): boolean {
  return [...element.querySelectorAll<Field>("input, textarea, select")].some(isDirty);
}

function isDirty(element: Element): boolean {
  if (element instanceof HTMLSelectElement) return isSelectDirty(element);
  if (element instanceof HTMLTextAreaElement) return element.value !== element.defaultValue;
  if (!(element instanceof HTMLInputElement) || element.type === "hidden") return false;
  return element.type === "checkbox" || element.type === "radio" ? element.checked !== element.defaultChecked : element.value !== element.defaultValue;
}

/** Without any `selected` attribute a browser preselects the first option of a drop-down. */
function isSelectDirty(select: HTMLSelectElement): boolean {
  const options = [...select.options];
  const preselected = options.some(isPreselected);
  if (!preselected && !select.multiple) return select.selectedIndex > 0;
  return options.some((option) => option.selected !== isPreselected(option));
}

function isAlike(current: ChildNode, wanted: ChildNode): boolean {
  return current.nodeName === wanted.nodeName && !idOf(current);
}

function idOf(node: ChildNode): string {
  return node instanceof Element ? node.id : "";
}

function isPreselected(option: HTMLOptionElement): boolean {
  return option.hasAttribute("selected");
}
