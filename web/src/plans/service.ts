/** What the editor asks the service about plans, and what it gets back. */

import { answered, call, endpoint } from "../api";
import type { Operation } from "./operation";

/** Longitude and latitude with all their digits, as the service keeps them. */
export type Corner = [number, number];
export type Ring = Corner[];

export interface Plan {
  id: number;
  name: string;
  status: "draft" | "published" | "withdrawn";
  version: number;
  /** day of the areas that it was made from */
  base: string;
  level: string | null;
  /** households that an area should have */
  target: number;
  effective: string | null;
  note: string;
  changed_at: string;
  areas: number;
  can_undo: boolean;
  can_redo: boolean;
}
export interface Figures {
  households: number | null;
  residents: number | null;
  buildings: number | null;
  area_m2: number;
  compactness: number;
  /** (households - target) / target */
  deviation: number | null;
  parts: number;
}
export interface Upper {
  code: string;
  name: string | null;
  level: string | null;
  parent: string | null;
}
export type Ground = { type: "Polygon"; coordinates: Ring[] } | { type: "MultiPolygon"; coordinates: Ring[][] };
export interface Area {
  type: "Feature";
  id: string;
  geometry: Ground;
  properties: Upper & { kind: string | null } & Figures;
}
export interface Finding {
  geometry: object | null;
  properties: {
    rule: string;
    codes: string[];
    measured: number;
    unit: string;
    limit: number;
    message: string;
    mend: string;
    /** whether it keeps the plan from being published */
    blocks: boolean;
  };
}
/** Figures of an area on both sides of an edit; null where it was or is not there. */
export interface Turn {
  before: Figures | null;
  after: Figures | null;
}
export interface Whole {
  plan: Plan;
  upper: Upper[];
  features: Area[];
}
export interface Edited {
  version: number;
  changed: { features: Area[] };
  removed: string[];
  /** the areas above where the edit changed them */
  upper: Upper[] | null;
  findings: { features: Finding[] };
  figures: Record<string, Turn>;
  can_undo: boolean;
  can_redo: boolean;
}
export interface Difference {
  level: string | null;
  old: string | null;
  new: string | null;
  kind: string;
  share_old: number | null;
  share_new: number | null;
  area_m2: number;
  households: number | null;
}
export interface Inform {
  level: string | null;
  code: string;
  name: string | null;
  side: "leaving" | "arriving";
  households: number | null;
  residents: number | null;
  buildings: number | null;
  addresses: number | null;
}
export interface Sheets {
  sheets: { inform: Inform[] } & Record<string, Record<string, unknown>[]>;
}
export interface Published {
  plan: Plan;
  /** codes that areas were given, by those that they had in the draft */
  codes: Record<string, string>;
  lineage: Record<string, number>;
  ended: string[];
}
export interface Wanted {
  name: string;
  on?: string;
  target?: number;
  copy_of?: number;
}

function post<T>(path: string, body: object): Promise<T> {
  return call<T>(endpoint(path, {}), { method: "POST", body: JSON.stringify(body) });
}

export async function plans(): Promise<Plan[]> {
  return (await call<{ plans: Plan[] }>(endpoint("plans", {}))).plans;
}

export function make(wanted: Wanted): Promise<Plan> {
  return post("plans", wanted);
}

/** Make a draft of a drawn set in a file. */
export function upload(file: Blob, type: string, wanted: { name: string; on: string; target: number }): Promise<Plan> {
  return call<Plan>(endpoint("plans", wanted), { method: "POST", body: file, headers: { "Content-Type": type } });
}

/** All areas of a plan as a GeoPackage, which can be uploaded again. */
export async function planFile(id: number): Promise<Blob> {
  return (await answered(endpoint(`plans/${id}`, { format: "gpkg" }))).blob();
}

/** Buildings of a box of longitude and latitude with their counts, as a GeoJSON feature collection. */
export function buildings(id: number, box: readonly number[]): Promise<object> {
  return call(endpoint(`plans/${id}/buildings`, { bbox: box.map((degrees) => degrees.toFixed(7)).join(",") }));
}

export function open(id: number): Promise<Whole> {
  return call(endpoint(`plans/${id}`, {}));
}

export async function findings(id: number): Promise<Finding[]> {
  return (await call<{ features: Finding[] }>(endpoint(`plans/${id}/findings`, {}))).features;
}

/** Change a draft; `rebase` takes the edit although others changed other areas since that version. */
export function edit(id: number, version: number, operation: Operation, rebase = false): Promise<Edited> {
  return post(`plans/${id}/edits`, { version, operation, ...(rebase ? { rebase } : {}) });
}

export function step(id: number, version: number, which: "undo" | "redo"): Promise<Edited> {
  return post(`plans/${id}/${which}`, { version });
}

export async function compare(id: number, other: number | null): Promise<Difference[]> {
  const url = endpoint(`plans/${id}/compare`, { with: other ?? "" });
  return (await call<{ changes: Difference[] }>(url)).changes;
}

export function changeSheets(id: number): Promise<Sheets> {
  return call(endpoint(`plans/${id}/changes`, {}));
}

/** The change sheet as a workbook; asked for with the key, which a plain link would not send. */
export async function workbook(id: number): Promise<Blob> {
  return (await answered(endpoint(`plans/${id}/changes`, { format: "xlsx" }))).blob();
}

export function publish(id: number, version: number, effective: string, accept: string[]): Promise<Published> {
  return post(`plans/${id}/publish`, { version, effective, ...(accept.length > 0 ? { accept } : {}) });
}

/** Take over what was published since a draft was made. */
export function rebase(id: number, version: number, on: string): Promise<Edited> {
  return post(`plans/${id}/rebase`, { version, on });
}

export function withdraw(id: number, version: number): Promise<Plan> {
  return post(`plans/${id}/withdraw`, { version });
}
