/** How an answer stands, in words. */

import type { Answer, Candidate, Link, Note, Reached } from "./api";
import { has, levelName, metres, t } from "./i18n";

/** One sentence that says how it stands, and a second one that says what that means. */
export interface Verdict {
  headline: string;
  tone: "good" | "warn";
  more: string;
}

export function verdict(answer: Answer, accuracy: string): Verdict {
  switch (answer.status) {
    case "found":
      return { headline: t("found", { name: place(answer.chain) || (answer.standard ?? "") }), tone: "good", more: "" };
    case "outside":
      return { headline: t("outside"), tone: "warn", more: answer.border_m === null ? "" : t("outsideMore", { border: metres(answer.border_m) }) };
    case "not_found":
      return { headline: t("notFound"), tone: "warn", more: reason(answer.reason) };
    case "ambiguous":
      return { tone: "warn", ...ambiguous(answer, accuracy) };
  }
}

function ambiguous(answer: Answer, accuracy: string): { headline: string; more: string } {
  const { addresses, areas } = sorted(answer);
  if (addresses.length > 1) return { headline: t("ambiguousAddress", { n: addresses.length }), more: "" };
  const name = place(answer.chain);
  const more = name === "" ? "" : t("mayBe", { name });
  if (areas.some((area) => area.share != null)) return { headline: t("ambiguousBuilding"), more };
  if (hasError(answer)) {
    const sure = name === "" ? "" : t("surelyIn", { name });
    return { headline: t("ambiguousExtent", { level: levelName(answer.matched_level ?? null) }), more: sure };
  }
  if (accuracy !== "" && answer.border_m !== null) {
    return { headline: t("ambiguousPoint", { accuracy: metres(Number(accuracy)), border: metres(answer.border_m) }), more };
  }
  return { headline: t("ambiguous"), more };
}

/** Why there is no answer, and what to do. */
export function reason(code: string | null | undefined): string {
  const key = `reason_${code ?? ""}`;
  return has(key) ? t(key) : t("notFoundMore");
}

/** What was taken on trust, as a sentence. */
export function note({ code, given, taken }: Note): string {
  const key = `note_${code}`;
  return has(key) ? t(key, { given, taken }) : [code, given, taken].filter((word) => word !== "").join(" ");
}

/** What a place is that answers: 道路 人民路. */
export function named(level: string, text: string): string {
  return `${levelName(level)} ${text}`;
}

/** The finest area by name, after its parent's where the name alone ("grid 4") would not tell which. */
export function place(chain: Link[]): string {
  const [parent, finest] = [chain.at(-2), chain.at(-1)].map((link) => link?.name ?? link?.code ?? "") as [string, string];
  return finest.includes(parent) ? finest : `${parent} ${finest}`;
}

const DIVISIONS = ["community", "street", "district", "city", "province"];

/** Whether the place of an answer may be off: a plate is where it is, and a division is its own ground. */
export function hasError({ accuracy_m: error, matched_level: level }: Answer): boolean {
  return error != null && error > 0 && !DIVISIONS.includes(level ?? "");
}

/** Candidates of an address are addresses to choose from, those of a place are areas it may be in. */
export function sorted({ candidates }: Answer): { addresses: Candidate[]; areas: Reached[] } {
  const all = candidates ?? [];
  return {
    addresses: all.filter((one): one is Candidate => "address" in one),
    areas: all.filter((one): one is Reached => !("address" in one)),
  };
}
