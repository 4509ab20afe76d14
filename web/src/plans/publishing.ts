/** Publishing: what blocks it, who must be informed, the day; then the codes given and the change sheet. */

import { Problem } from "../api";
import { button, element } from "../dom";
import { field } from "./planlist";
import { type Held, listed } from "./held";
import { problemText } from "./saying";
import type { Told } from "./sending";
import { changeSheets, type Finding, findings, publish, type Published, rebase, type Sheets, workbook } from "./service";
import { measured, ruleName } from "./told";
import { w, type Word } from "./words";

/** Findings that whoever publishes may take on himself: islands and exclaves are lawful. */
const ACCEPTABLE = ["gap", "outside", "multi_part"];

/** Show the dialog; `published` is told once the plan is in the books. */
export async function publishDialog(held: Held, today: string, published: (told: Told) => void): Promise<void> {
  const dialog = element("dialog", "publish", element("h2", "", w("publishing")), element("p", "quiet", w("waiting")));
  dialog.setAttribute("aria-label", w("publishing"));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  const close = button("choice", () => dialog.close(), w("close"));
  const show = (...parts: HTMLElement[]) => dialog.replaceChildren(element("h2", "", w("publishing")), ...parts);
  try {
    const [found, sheets] = await Promise.all([findings(held.plan.id), changeSheets(held.plan.id)]);
    show(...asks({ held, found, sheets, day: dayAfter(today) }, close, (done) => {
      show(...results(done, close));
      published({ text: w("publishedFrom", { day: done.plan.effective ?? "" }), tone: "good" });
    }));
  } catch (error) {
    show(element("p", "status bad", problemText(error)), element("div", "row", close));
  }
}

/** The day after another one, as dates are written: grids usually change over night. */
export function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(next.getTime())) return "";
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

interface Asked {
  held: Held;
  found: Finding[];
  sheets: Sheets;
  /** the day that is proposed */
  day: string;
}

function asks({ held, found, sheets, day: proposed }: Asked, close: HTMLElement, done: (published: Published) => void): HTMLElement[] {
  const blocking = found.filter(({ properties }) => properties.blocks);
  const accepted = new Set<string>();
  const day = Object.assign(element("input", ""), { type: "date", id: "effective", required: true, min: held.plan.base, value: proposed });
  const go = element("button", "primary", w("publishNow"));
  const ready = () => (go.disabled = blocking.some(({ properties }) => !accepted.has(properties.rule)));
  const refused = element("p", "bad");
  refused.setAttribute("role", "alert");
  const form = element("form", "", field("day", day), refused, element("div", "row", go, close));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go.disabled = true;
    publish(held.plan.id, held.plan.version, day.value, [...accepted])
      .then(done, (error: unknown) => refused.replaceChildren(...refusal(held, day.value, error)))
      .finally(ready);
  });
  ready();
  return [...blockers(held, blocking, accepted, ready), sheetSummary(sheets), form];
}

/** Why it was not published; where the ground was changed since, with the way to take that over. */
function refusal(held: Held, day: string, error: unknown): (HTMLElement | string)[] {
  if (!(error instanceof Problem) || error.said["code"] !== "base_changed") return [problemText(error)];
  const says = element("span", "");
  const take = button("choice", () => {
    rebase(held.plan.id, held.plan.version, day)
      .then(() => {
        says.closest("dialog")?.close();
        window.dispatchEvent(new HashChangeEvent("hashchange"));
      })
      .catch((failed: unknown) => (says.textContent = problemText(failed)));
  }, w("rebase"));
  return [problemText(error), element("br", ""), take, says];
}

function blockers(held: Held, blocking: Finding[], accepted: Set<string>, ready: () => void): HTMLElement[] {
  if (blocking.length === 0) return [element("p", "good", w("nothingBlocks"))];
  const lines = blocking.map((one) => {
    const { rule, codes } = one.properties;
    return element("li", "", w("blocker", { rule: ruleName(rule), names: listed(held, codes), measured: measured(one) }));
  });
  const rules = [...new Set(blocking.map(({ properties }) => properties.rule))].filter((rule) => ACCEPTABLE.includes(rule));
  const boxes = rules.map((rule) => {
    const box = Object.assign(element("input", ""), { type: "checkbox" });
    box.addEventListener("change", () => {
      accepted[box.checked ? "add" : "delete"](rule);
      ready();
    });
    return element("label", "option", box, w("accept", { rule: ruleName(rule) }));
  });
  return [element("p", "bad", w("blockingFindings")), element("ul", "notes", ...lines), ...boxes];
}

/** Who must be informed, in numbers: of the finest level, since those above it hold the same again. */
function sheetSummary({ sheets }: Sheets): HTMLElement {
  const moved = sheets["households"] ?? [];
  const sum = (name: string) => moved.reduce((total, row) => total + Number(row[name] ?? 0), 0);
  const levels = sheets.inform.map(({ level }) => level);
  const grids = new Set(sheets.inform.filter(({ level }) => level === levels.at(-1)).map(({ code }) => code));
  const addresses = (sheets["addresses"] ?? []).length;
  const counts = { grids: grids.size, buildings: sum("buildings"), addresses, households: sum("households") };
  const text = counts.buildings + addresses === 0 ? w("informNobody") : w("inform", counts);
  const summary = element("p", "", text);
  summary.id = "inform";
  return element("section", "", element("h3", "", w("sheet")), summary);
}

function results({ plan, codes }: Published, close: HTMLElement): HTMLElement[] {
  const parts = [element("p", "status good", w("publishedFrom", { day: plan.effective ?? "" })), element("p", "quiet", w("withdrawUntil"))];
  return [...parts, ...codeTable(codes), element("div", "row wrap", download("primary", plan.id), close)];
}

function codeTable(codes: Record<string, string>): HTMLElement[] {
  if (Object.keys(codes).length === 0) return [];
  const rows = Object.entries(codes).map(([draft, code]) => element("tr", "", element("td", "code", draft), element("td", "code", code)));
  const heads = [w("draftCode"), w("code")].map((text) => Object.assign(element("th", "", text), { scope: "col" }));
  const caption = element("caption", "", w("codesGiven"));
  return [element("table", "chain", caption, element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...rows))];
}

/** A button that fetches the change sheet as a workbook. */
export function download(look: "primary" | "choice", id: number): HTMLElement {
  const made = saving(look, "download", () => workbook(id), `plan-${id}-changes.xlsx`);
  made.classList.add("download");
  return made;
}

/** A button that has the browser save a file; it says itself what keeps it from that. */
export function saving(look: "primary" | "choice", caption: Word, fetched: () => Promise<Blob>, name: string): HTMLElement {
  const made = button(look, () => {
    fetched().then((file) => save(file, name)).catch((error: unknown) => (made.textContent = problemText(error)));
  }, w(caption));
  return made;
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = element("a", "");
  Object.assign(link, { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
