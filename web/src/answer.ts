/** The answer in words and as a table, beside the map. */

import type { Answer, Candidate, Link, Reached, Step } from "./api";
import { Problem } from "./api";
import { correction } from "./correction";
import { button, type Child, element } from "./dom";
import { type Key, levelName, metres, t } from "./i18n";
import { keyForm } from "./keyform";
import { hasError, named, note, sorted, verdict } from "./verdict";

/** What to draw: nothing yet, a search under way, a fault, or an answer. */
export type Shown =
  | { kind: "welcome" | "waiting" }
  | { kind: "hint"; key: Key }
  | { kind: "failed"; error: unknown }
  | { kind: "answer"; answer: Answer; accuracy: string; today: boolean };

/** What can be done with an answer. */
export interface Doing {
  /** one of several places is meant */
  choose: (candidate: Candidate) => void;
  /** another address is asked about */
  ask: (address: string) => void;
  /** how the address was compared; null where that cannot be asked */
  explain: (answer: Answer) => Promise<Step[]>;
  /** whether answers may be corrected: with this key, with another, or not at all */
  corrects: () => "yes" | "key" | "no";
  /** a key was given */
  keyed: () => void;
  /** an address was corrected: it means another place from a version on */
  corrected: (address: string, version: number) => void;
}

export function draw(panel: HTMLElement, shown: Shown, doing: Doing): void {
  panel.setAttribute("aria-busy", String(shown.kind === "waiting"));
  panel.replaceChildren(...parts(shown, doing));
}

function parts(shown: Shown, doing: Doing): Child[] {
  switch (shown.kind) {
    case "welcome":
    case "waiting":
      return [element("p", "quiet", t(shown.kind))];
    case "hint":
      return [element("p", "status warn", t(shown.key))];
    case "failed":
      return failure(shown.error);
    case "answer":
      return answerParts(shown.answer, shown.accuracy, shown.today, doing);
  }
}

function failure(error: unknown): Child[] {
  const known = error instanceof Problem;
  const title = element("p", "status bad", known ? error.title || t("problem") : t("offline"));
  if (!known) return [title];
  if (error.status === 401) return [title, keyForm(t("key"), () => location.reload())];
  return error.detail === "" ? [title] : [title, element("p", "more", error.detail)];
}

function answerParts(answer: Answer, accuracy: string, today: boolean, doing: Doing): Child[] {
  const { headline, tone, more } = verdict(answer, accuracy);
  const { addresses, areas } = sorted(answer);
  const made: (Child | null)[] = [
    element("h2", `status ${tone}`, headline),
    more === "" ? null : element("p", "more", more),
    answer.known ? knownPlace(answer.known, doing) : null,
    answer.notes?.length ? element("ul", "notes", ...answer.notes.map((one) => element("li", "", note(one)))) : null,
    addresses.length > 0 ? candidateList(addresses, doing) : null,
    areas.length > 0 ? areaList(areas) : null,
    answer.chain.length > 0 ? chainTable(answer.chain) : null,
    facts(answer, today),
    answer.query ? explanation(answer, doing) : null,
    answer.query && doing.corrects() !== "no" ? correctionOf(answer, doing) : null,
  ];
  return made.filter((part) => part !== null);
}

/** The finest place that the text names and that exists, to be asked about instead. */
function knownPlace({ text, level }: NonNullable<Answer["known"]>, { ask }: Doing): HTMLElement {
  return element("p", "known", t("known"), " ", button("choice", () => ask(text), named(level, text)));
}

function areaList(areas: Reached[]): HTMLElement {
  const items = areas.map(({ name, code, share }) => {
    const part = share == null ? "" : ` · ${t("shareOfGround", { n: Math.round(100 * share) })}`;
    return element("li", "", `${name ?? ""} `, element("span", "code", code), part);
  });
  return element("div", "areas", element("p", "caption", t("possibleAreas")), element("ul", "", ...items));
}

/** Addresses to choose from, under the numbers that they bear on the map. */
function candidateList(addresses: Candidate[], { choose }: Doing): HTMLElement {
  const list = element("ol", "candidates");
  list.setAttribute("aria-label", t("candidates"));
  addresses.forEach((candidate, at) => {
    const name = element("span", "name", candidate.address);
    const mark = element("span", "mark", String(at + 1));
    const made = button("", () => choose(candidate), mark, name, element("span", "code", candidate.area ?? ""));
    made.disabled = candidate.lon === null || candidate.lat === null;
    list.append(element("li", "", made));
  });
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
  const address = answer.standard ?? answer.address;
  add("address", address);
  add("matched", address ? levelName(answer.matched_level ?? null) : null);
  add("placeError", hasError(answer) ? t("within", { n: Math.ceil(answer.accuracy_m!) }) : null);
  add("score", answer.score != null && address ? answer.score.toFixed(2) : null);
  add("border", answer.border_m !== null && answer.status !== "outside" ? metres(answer.border_m) : null);
  if (answer.lon !== null && answer.lat !== null) add("point", `${answer.lon.toFixed(6)}, ${answer.lat.toFixed(6)}`);
  add("asOf", today && answer.on ? `${answer.on} (${t("today")})` : answer.on);
  add("version", answer.version === null ? null : String(answer.version));
  return list;
}

/** How the text was compared, asked for when it is opened. */
function explanation(answer: Answer, { explain }: Doing): HTMLElement {
  const body = element("div", "steps");
  const made = element("details", "explain", element("summary", "", t("explain")), body);
  made.addEventListener("toggle", () => {
    if (!made.open || body.childElementCount > 0) return;
    explain(answer).then(
      (steps) => body.replaceChildren(steps.length > 0 ? stepTable(steps) : element("p", "quiet", t("noSteps"))),
      (error: unknown) => body.replaceChildren(...failure(error)),
    );
  });
  return made;
}

function stepTable(steps: Step[]): HTMLElement {
  const rows = steps.map(({ name, gain, detail }) => {
    const head = element("th", "", levelName(name));
    head.scope = "row";
    const sign = gain > 0 ? "+" : "";
    return element("tr", "", head, element("td", "gain", `${sign}${Number(gain.toFixed(2))}`), element("td", "", detail));
  });
  return element("table", "chain", element("tbody", "", ...rows));
}

/** "This means ...": for those who may correct answers; others are asked for their key. */
function correctionOf(answer: Answer, { corrects, corrected, keyed }: Doing): HTMLElement {
  const given = answer.query ?? "";
  const form = corrects() === "yes" ? correction(given, (version) => corrected(given, version)) : keyForm(t("correctKey"), keyed);
  return element("details", "correct", element("summary", "", t("correct")), form);
}
