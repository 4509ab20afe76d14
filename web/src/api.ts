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
  /** addresses that match equally well, or areas within the accuracy of a point */
  candidates?: (Candidate | Link)[];
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
  const headers = new Headers({ Accept: "application/json, application/geo+json", "Accept-Language": lang() });
  const key = sessionStorage.getItem(KEY);
  if (key !== null) headers.set("Authorization", `Bearer ${key}`);
  const response = await fetch(url, { headers, signal: signal ?? null });
  if (response.ok) return (await response.json()) as T;
  const body = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Problem(response.status, body.title ?? `HTTP ${response.status}`, typeof body.detail === "string" ? body.detail : "");
}

export function getConfig(): Promise<Config> {
  return get<Config>(endpoint("config", {}));
}

export function locate(asked: Asked, signal: AbortSignal): Promise<Answer> {
  return get<Answer>(endpoint("locate", { ...asked }), signal);
}

/** Areas of a level that touch a box of longitude and latitude, as a GeoJSON feature collection. */
export function getAreas(level: string, bbox: readonly number[], on: string): Promise<object> {
  return get<object>(endpoint("areas", { level, on, bbox: bbox.map((degrees) => degrees.toFixed(7)).join(",") }));
}

/** One area by its code, as a GeoJSON feature collection. */
export function getArea(code: string, on: string): Promise<object> {
  return get<object>(endpoint("areas", { code, on }));
}
