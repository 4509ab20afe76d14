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
  candidates?: Candidate[];
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
}
export type Asked = ({ address: string } | Position) & { on: string; accuracy: string };

/** The service's own words for what went wrong (RFC 9457), or none when it cannot be reached. */
export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail: string,
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

async function get<T>(url: URL, signal?: AbortSignal): Promise<T> {
  const headers = { Accept: "application/json, application/geo+json", "Accept-Language": lang() };
  const response = await fetch(url, { headers, signal: signal ?? null });
  if (response.ok) return (await response.json()) as T;
  const body = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Problem(body.title ?? `HTTP ${response.status}`, typeof body.detail === "string" ? body.detail : "");
}

export function getConfig(): Promise<Config> {
  return get<Config>(endpoint("config", {}));
}

export function locate(asked: Asked, signal: AbortSignal): Promise<Answer> {
  return get<Answer>(endpoint("locate", { ...asked }), signal);
}

/** Areas of a level that touch a box of longitude and latitude, as a GeoJSON feature collection. */
export function getAreas(level: string, bbox: readonly number[], on: string, signal?: AbortSignal): Promise<object> {
  return get<object>(endpoint("areas", { level, on, bbox: bbox.map((degrees) => degrees.toFixed(7)).join(",") }), signal);
}
