/** One edit after the other: sent with the version that was seen, and told how it ended. */

import { Problem } from "../api";
import { followed, type Held, listed, opened, touched } from "./held";
import type { Operation } from "./operation";
import { problemText, type Stale, staleOf } from "./saying";
import { edit, type Edited, findings, open, step } from "./service";
import { w } from "./words";

/** What is sent: an edit, or a step back or forth. */
export type Sent = { operation: Operation } | { step: "undo" | "redo" };

export interface Told {
  text: string;
  tone: "good" | "warn" | "bad";
}

/** How a sent edit ended: done, refused, or met by what others did. */
export type Outcome =
  | { kind: "done"; held: Held; told: Told; touched: string[] }
  | { kind: "refused"; told: Told }
  | { kind: "stale"; stale: Stale; sent: Sent };

/** Send an edit; `rebase` takes it although others changed other areas meanwhile. */
export async function send(held: Held, sent: Sent, rebase = false): Promise<Outcome> {
  const { id, version } = held.plan;
  try {
    const edited = "operation" in sent ? await edit(id, version, sent.operation, rebase) : await step(id, version, sent.step);
    const base = rebase ? await load(id) : followed(held, edited);
    return { kind: "done", held: { ...base, turns: edited.figures }, told: doneText(held, base, edited), touched: touched(edited) };
  } catch (error) {
    const stale = staleOf(error);
    if (stale !== null) return { kind: "stale", stale, sent };
    return { kind: "refused", told: refusedText(error) };
  }
}

/** The plan as it is for the service now. */
export async function load(id: number): Promise<Held> {
  const [whole, found] = await Promise.all([open(id), findings(id)]);
  return opened(whole, found);
}

/** The same at once, before it is checked: that takes a while for a large plan. */
export async function begin(id: number): Promise<Held> {
  return opened(await open(id), null);
}

function doneText(before: Held, after: Held, edited: Edited): Told {
  const names = listed(after, touched(edited));
  const gone = listed(before, edited.removed);
  const words = [w("done", { version: edited.version, names }), ...(gone === "" ? [] : [w("removedToo", { names: gone })])];
  return { text: words.join(" "), tone: "good" };
}

function refusedText(error: unknown): Told {
  const closed = error instanceof Problem && error.said["code"] === "not_a_draft";
  const detail = problemText(error);
  const text = error instanceof Problem ? w("refused", { detail }) : detail;
  return { text: closed ? w("notADraft") : text, tone: "bad" };
}
