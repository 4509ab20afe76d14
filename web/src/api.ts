/** What the page asks the service, and what it gets back. */

import { lang } from "./i18n";
import type { Position } from "./query";

export interface Link {
  level: string | null;
  code: string;
  name: string | null;
}
export interface Candidate {
  address: string;
  lon: number | null;
  lat: number | null;
  area: string | null;
  level?: string | null;
}
/** Something that was taken on trust, or otherwise than it was written. */
export interface Note {
  code: string;
  given: string;
  taken: string;
}
/** One step of the comparison, and what it added to the address that was answered. */
export interface Step {
  name: string;
  gain: number;
  detail: string;
}
/** An area that an answer may lie in; of a building also the share of its ground. */
export interface Reached extends Link {
  share?: number;
}
export interface Answer {
  status: "found" | "ambiguous" | "not_found" | "outside";
  area: string | null;
  chain: Link[];
  lon: number | null;
  lat: number | null;
  border_m: number | null;
  on: string | null;
  version: number | null;
  query?: string | null;
  address?: string | null;
  matched_level?: string | null;
  score?: number | null;
  /** the address with all its divisions */
  standard?: string | null;
  /** metres by which the place itself may be off; null for a door plate */
  accuracy_m?: number | null;
  /** why there is no answer, or not one */
  reason?: string | null;
  /** the finest place that the text names and that exists, where there is no answer */
  known?: { text: string; level: string; area: string | null } | null;
  notes?: Note[];
  steps?: Step[];
  /** addresses that match equally well, or areas within the accuracy of a point */
  candidates?: (Candidate | Reached)[];
}
export interface Suggestion {
  /** what can be asked: `within` and `text`, of an alias what it means */
  address: string;
  text: string;
  within: string;
  /** first and one past the last character of `text` that was typed */
  matched: [number, number];
  kind: string;
  count: number;
  /** of an alias, the address that it means */
  means: string | null;
}
export interface Basemap {
  url: string;
  crs: "EPSG:3857" | "GCJ-02";
  attribution: string;
}
export interface Config {
  title: { zh: string; en: string };
  center: [number, number];
  zoom: number;
  levels: string[];
  basemap: Basemap | null;
  /** west, south, east, north of the territory in degrees */
  bounds?: [number, number, number, number] | null;
  /** the day it is for the service */
  on?: string | null;
  /** what it answers from */
  version?: number | null;
  /** whether this key may correct answers, or another may; no where the service keeps no corrections */
  corrects?: "yes" | "key" | "no";
  /** whether this key may draft plans, or another may; no where the service keeps no plans */
  drafts?: "yes" | "key" | "no";
}
export type Asked = ({ address: string } | Position) & { on: string; accuracy: string };

const KEY = "gridmap.key";

/** Keep a key for this tab of the browser, for services that are not open to read. */
export function useKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

/** The service's own words for what went wrong (RFC 9457), or none when it cannot be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** all members of the answer */
    readonly said: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title);
  }
}

/** Address of an endpoint relative to the page, so that a path prefix of a proxy is kept; empty values are left out. */
export function endpoint(path: string, values: Record<string, string | number>, base: string = document.baseURI): URL {
  const url = new URL(`api/${path}`, base);
  url.hash = "";
  for (const [name, value] of Object.entries(values)) if (value !== "") url.searchParams.set(name, String(value));
  return url;
}

export async function call<T>(url: URL, options: RequestInit = {}): Promise<T> {
  return (await (await answered(url, options)).json()) as T;
}

/** The answer of the service to the key in use, whatever it holds. */
export async function answered(url: URL, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers({ Accept: "application/json, application/geo+json", "Accept-Language": lang(), ...options.headers });
  const key = sessionStorage.getItem(KEY);
  if (key !== null) headers.set("Authorization", `Bearer ${key}`);
  if (options.body != null && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  const response = await fetch(url, { ...options, headers });
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  const detail = typeof body.detail === "string" ? body.detail : "";
  throw new Problem(response.status, body.title ?? `HTTP ${response.status}`, detail, body);
}

export function getConfig(): Promise<Config> {
  return call<Config>(endpoint("config", {}));
}

export function locate(asked: Asked, signal: AbortSignal): Promise<Answer> {
  return call<Answer>(endpoint("locate", { ...asked }), { signal });
}

/** How an address was compared, step by step. */
export async function explain(address: string, on: string): Promise<Step[]> {
  const answer = await call<Answer>(endpoint("locate", { address, on, explain: "true" }));
  return answer.steps ?? [];
}

/** What a text that is still being typed may mean. */
export function suggest(typed: string, on: string, signal: AbortSignal): Promise<Suggestion[]> {
  return call<Suggestion[]>(endpoint("suggest", { q: typed, on, limit: 10 }), { signal });
}

/** Have a text mean an address; the answer says from which version on it does. */
export function correct(alias: string, means: string): Promise<{ version: number }> {
  return call<{ version: number }>(endpoint("aliases", {}), { method: "POST", body: JSON.stringify({ alias, means }) });
}

/** Areas of a level that touch a box of longitude and latitude, as a GeoJSON feature collection. */
export function getAreas(level: string, bbox: readonly number[], on: string): Promise<object> {
  return call<object>(endpoint("areas", { level, on, bbox: bbox.map((degrees) => degrees.toFixed(7)).join(",") }));
}

/** One area by its code, as a GeoJSON feature collection. */
export function getArea(code: string, on: string): Promise<object> {
  return call<object>(endpoint("areas", { code, on }));
}
