/**
 * The search box as a combobox with a list below it, after the ARIA Authoring Practices (editable combobox with list
 * autocomplete): the focus stays in the box, the chosen option is named by `aria-activedescendant`.
 */

import type { Suggestion } from "./api";
import { element } from "./dom";
import { levelName, t } from "./i18n";

/** Milliseconds without a keystroke after which suggestions are asked for. */
const PAUSE_MS = 100;

export interface Wiring {
  /** what a text may mean; rejects when the signal says that nobody waits any more */
  suggest: (typed: string, signal: AbortSignal) => Promise<Suggestion[]>;
  /** one was chosen */
  chosen: (suggestion: Suggestion) => void;
}

export interface Combobox {
  /** close the list, and forget what is still being asked */
  close(): void;
}

/** The option that a key moves to, -1 being the box itself: below the last comes the box, above it the last. */
export function moved(active: number, key: string, count: number): number {
  const step = key === "ArrowDown" ? 1 : -1;
  return ((active + 1 + step + count + 1) % (count + 1)) - 1;
}

/** A text in three pieces: before what was typed, what was typed, behind it. */
export function pieces(text: string, [from, to]: [number, number]): [string, string, string] {
  // places are counted in characters as Python has them; of characters beyond the first plane, JavaScript makes two
  const letters = [...text];
  const cut = (start: number, end?: number) => letters.slice(start, end).join("");
  return [cut(0, from), cut(from, to), cut(to)];
}

/** What a suggestion is, in words: a road and how many addresses it has, or a number. */
export function what({ kind, count }: Suggestion): string {
  const level = levelName(kind);
  return count > 1 ? `${level} · ${t("addresses", { n: count })}` : level;
}

/** What stands behind a suggestion: the divisions it is in; of an alias, what it means. */
export function behind({ within, means }: Suggestion): string {
  return means === null ? within : `= ${means}`;
}

export function combobox(box: HTMLInputElement, list: HTMLElement, said: HTMLElement, { suggest, chosen }: Wiring): Combobox {
  let shown: Suggestion[] = [];
  let active = -1;
  let composing = false;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | null = null;

  function forget(): void {
    clearTimeout(pause);
    running?.abort();
    running = null;
  }

  function show(suggestions: Suggestion[]): void {
    shown = suggestions;
    list.replaceChildren(...shown.map(option));
    list.hidden = shown.length === 0;
    list.scrollTop = 0;
    box.setAttribute("aria-expanded", String(!list.hidden));
    activate(-1);
  }

  function option(suggestion: Suggestion, at: number): HTMLLIElement {
    const [before, typed, rest] = pieces(suggestion.text, suggestion.matched);
    const name = element("span", "name", before, element("mark", "", typed), rest);
    const made = element("li", "", name, element("span", "what", what(suggestion)), element("span", "within", behind(suggestion)));
    made.id = `${list.id}-${at}`;
    made.setAttribute("role", "option");
    made.addEventListener("click", () => choose(at));
    return made;
  }

  function activate(at: number): void {
    active = at;
    [...list.children].forEach((child, number) => child.setAttribute("aria-selected", String(number === at)));
    if (at < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function choose(at: number): void {
    const suggestion = shown[at];
    if (suggestion === undefined) return;
    close();
    box.value = suggestion.address;
    // the end of a long address tells more than its beginning, and is where typing goes on
    box.setSelectionRange(box.value.length, box.value.length);
    box.scrollLeft = box.scrollWidth;
    chosen(suggestion);
  }

  function close(): void {
    forget();
    show([]);
    said.textContent = "";
  }

  async function ask(): Promise<void> {
    const typed = box.value;
    running = new AbortController();
    const { signal } = running;
    // a box that suggests nothing still searches: whatever went wrong is told when the search is made
    const suggestions = await suggest(typed, signal).catch((): Suggestion[] => []);
    if (signal.aborted) return;
    show(document.activeElement === box ? suggestions : []);
    said.textContent = shown.length > 0 ? t("suggested", { n: shown.length }) : "";
  }

  function typed(): void {
    forget();
    if (composing) return;
    if (box.value.trim() === "") close();
    else pause = setTimeout(() => void ask(), PAUSE_MS);
  }

  function key(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!list.hidden) activate(event.altKey ? -1 : moved(active, event.key, shown.length));
      else if (box.value.trim() !== "") void ask();
    } else if (event.key === "Enter") {
      if (active < 0) return close();
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  }

  box.addEventListener("compositionstart", () => {
    composing = true;
    forget();
  });
  box.addEventListener("compositionend", () => {
    composing = false;
    typed();
  });
  box.addEventListener("input", typed);
  box.addEventListener("keydown", key);
  box.addEventListener("blur", close);
  // the focus stays in the box while an option is being clicked
  list.addEventListener("mousedown", (event) => event.preventDefault());
  return { close };
}
