/** What went wrong, in words. */

import { Problem } from "../api";
import { w } from "./words";

export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return w("offline");
  return error.detail || error.title || w("failed");
}

/** That others changed the plan since the version that was sent, and which areas. */
export interface Stale {
  version: number;
  changed: string[];
}

export function staleOf(error: unknown): Stale | null {
  if (!(error instanceof Problem) || error.said["code"] !== "stale_version") return null;
  const { version, changed } = error.said;
  return { version: Number(version), changed: Array.isArray(changed) ? changed.map(String) : [] };
}
