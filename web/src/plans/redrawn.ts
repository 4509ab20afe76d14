/** Put new parts into a box without losing what the reader had open, or where the keyboard was. */

export function redrawn(box: HTMLElement, ...parts: Node[]): void {
  const focused = box.contains(document.activeElement) ? document.activeElement!.id : "";
  const open = box.querySelector("details")?.open ?? false;
  box.replaceChildren(...parts);
  box.querySelector("details")?.toggleAttribute("open", open);
  if (focused !== "") document.getElementById(focused)?.focus();
}
