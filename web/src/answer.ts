/** The answer in words and as a table, beside the map. */

import type { Answer, Candidate, Link } from "./api";
import { Problem, useKey } from "./api";
import { type Key, levelName, metres, t } from "./i18n";

type Child = Node | string;

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

/** What to draw: nothing yet, a search under way, a fault, or an answer. */
export type Shown =
  | { kind: "welcome" | "waiting" }
  | { kind: "hint"; key: Key }
  | { kind: "failed"; error: unknown }
  | { kind: "answer"; answer: Answer; accuracy: string; today: boolean };

/** Ask for a key, which a service that is not open to read wants. */
function keyForm(): HTMLElement {
  const input = element("input", "");
  Object.assign(input, { type: "password", id: "key", required: true, autocomplete: "off" });
  const label = element("label", "caption", t("key"));
  label.htmlFor = "key";
  const button = element("button", "primary", t("useKey"));
  const form = element("form", "key", label, element("div", "row", input, button));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    useKey(input.value.trim());
    location.reload();
  });
  return form;
}

export function draw(panel: HTMLElement, shown: Shown, choose: (candidate: Candidate) => void): void {
  panel.setAttribute("aria-busy", String(shown.kind === "waiting"));
  panel.replaceChildren(...parts(shown, choose));
}

function parts(shown: Shown, choose: (candidate: Candidate) => void): Child[] {
  switch (shown.kind) {
    case "welcome":
    case "waiting":
      return [element("p", "quiet", t(shown.kind))];
    case "hint":
      return [element("p", "status warn", t(shown.key))];
    case "failed":
      return failure(shown.error);
    case "answer":
      return answerParts(shown.answer, shown.accuracy, shown.today, choose);
  }
}

function failure(error: unknown): Child[] {
  const known = error instanceof Problem;
  const title = element("p", "status bad", known ? error.title || t("problem") : t("offline"));
  if (!known) return [title];
  if (error.status === 401) return [title, keyForm()];
  return error.detail === "" ? [title] : [title, element("p", "more", error.detail)];
}

function answerParts(answer: Answer, accuracy: string, today: boolean, choose: (candidate: Candidate) => void): Child[] {
  const { headline, tone, more } = verdict(answer, accuracy);
  const made: Child[] = [element("h2", `status ${tone}`, headline)];
  if (more !== "") made.push(element("p", "more", more));
  const { addresses, areas } = sorted(answer);
  if (addresses.length > 0) made.push(candidateList(addresses, answer.status, choose));
  if (areas.length > 0) made.push(areaList(areas));
  if (answer.chain.length > 0) made.push(chainTable(answer.chain));
  made.push(facts(answer, today));
  return made;
}

/** One sentence that says how it stands, and a second one that says what that means. */
export function verdict(answer: Answer, accuracy: string): { headline: string; tone: string; more: string } {
  const name = place(answer.chain);
  const border = answer.border_m === null ? "" : metres(answer.border_m);
  const many = sorted(answer).addresses.length;
  switch (answer.status) {
    case "found":
      return { headline: t("found", { name }), tone: "good", more: "" };
    case "outside":
      return { headline: t("outside"), tone: "warn", more: border === "" ? "" : t("outsideMore", { border }) };
    case "not_found":
      return { headline: t("notFound"), tone: "warn", more: t("notFoundMore") };
    case "ambiguous": {
      const more = name === "" ? "" : t("mayBe", { name });
      if (many > 1) return { headline: t("ambiguousAddress", { n: many }), tone: "warn", more: "" };
      const known = accuracy !== "" && border !== "";
      const headline = known ? t("ambiguousPoint", { accuracy: metres(Number(accuracy)), border }) : t("ambiguous");
      return { headline, tone: "warn", more };
    }
  }
}

/** The finest area by name, after its parent's where the name alone ("grid 4") would not tell which. */
export function place(chain: Link[]): string {
  const [parent, finest] = [chain.at(-2), chain.at(-1)].map((link) => link?.name ?? link?.code ?? "") as [string, string];
  return finest.includes(parent) ? finest : `${parent} ${finest}`;
}

/** Candidates of an address are addresses to choose from, those of a point are areas it may be in. */
function sorted({ candidates }: Answer): { addresses: Candidate[]; areas: Link[] } {
  const all = candidates ?? [];
  return {
    addresses: all.filter((one): one is Candidate => "address" in one),
    areas: all.filter((one): one is Link => !("address" in one)),
  };
}

function areaList(areas: Link[]): HTMLElement {
  const items = areas.map((area) => element("li", "", `${area.name ?? ""} `, element("span", "code", area.code)));
  return element("div", "areas", element("p", "caption", t("possibleAreas")), element("ul", "", ...items));
}

function candidateList(addresses: Candidate[], status: Answer["status"], choose: (candidate: Candidate) => void): HTMLElement {
  const list = element("ul", "candidates");
  list.setAttribute("aria-label", t(status === "ambiguous" ? "candidates" : "nearby"));
  for (const candidate of addresses) {
    const label = [element("span", "", candidate.address), element("span", "code", candidate.area ?? "")];
    const button = element("button", "", ...label);
    button.type = "button";
    button.disabled = candidate.lon === null || candidate.lat === null;
    button.addEventListener("click", () => choose(candidate));
    list.append(element("li", "", button));
  }
  return list;
}

/** The areas that hold the point, from the coarsest to the finest. */
function chainTable(chain: Link[]): HTMLElement {
  const heads = (["level", "name", "code"] as const).map((key) => {
    const cell = element("th", "", t(key));
    cell.scope = "col";
    return cell;
  });
  const rows = chain.map((link, at) => {
    const level = element("th", "", levelName(link.level));
    level.scope = "row";
    const cells = [element("td", "", link.name ?? ""), element("td", "code", link.code)];
    return element("tr", at === chain.length - 1 ? "finest" : "", level, ...cells);
  });
  const body = element("tbody", "", ...rows);
  return element("table", "chain", element("caption", "", t("chain")), element("thead", "", element("tr", "", ...heads)), body);
}

function facts(answer: Answer, today: boolean): HTMLElement {
  const list = element("dl", "facts");
  const add = (key: Key, value: string | null | undefined) => {
    if (value != null && value !== "") list.append(element("div", "", element("dt", "", t(key)), element("dd", "", value)));
  };
  add("address", answer.address);
  add("matched", answer.address ? levelName(answer.matched_level ?? null) : null);
  add("score", answer.score != null && answer.address ? answer.score.toFixed(2) : null);
  add("border", answer.border_m !== null && answer.status !== "outside" ? metres(answer.border_m) : null);
  if (answer.lon !== null && answer.lat !== null) add("point", `${answer.lon.toFixed(6)}, ${answer.lat.toFixed(6)}`);
  add("asOf", today && answer.on ? `${answer.on} (${t("today")})` : answer.on);
  add("version", answer.version === null ? null : String(answer.version));
  return list;
}
