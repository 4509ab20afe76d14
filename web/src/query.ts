/** What was typed: an address, or a position in one of the usual ways of writing one. */

export interface Position {
  lon: number;
  lat: number;
}
export type Query = { kind: "address"; address: string } | ({ kind: "position" } & Position) | { kind: "empty" | "range" };

interface Part {
  value: number;
  axis: "lon" | "lat" | null;
}

const AXES: Record<string, "lon" | "lat"> = { E: "lon", W: "lon", N: "lat", S: "lat", 东经: "lon", 西经: "lon", 北纬: "lat", 南纬: "lat", 东: "lon", 西: "lon", 北: "lat", 南: "lat", 经度: "lon", 纬度: "lat" };
const MARK = "东经|西经|北纬|南纬|经度|纬度|[NSEW东西南北]";
const NUMBER = "\\d+(?:\\.\\d+)?";
const ANGLE = `([-+]?${NUMBER})\\s*(?:[°度]\\s*(?:(${NUMBER})\\s*[′'分]\\s*)?(?:(${NUMBER})\\s*[″"秒]\\s*)?)?`;
const PART = `(${MARK})?\\s*[:=]?\\s*${ANGLE}\\s*([NSEW])?`;
const PAIR = new RegExp(`^[\\[(]?\\s*${PART}\\s*[,;、\\s]\\s*${PART}\\s*[\\])]?$`);

/** Text with full-width digits, letters and punctuation made plain and the many prime signs made one. */
function plain(text: string): string {
  return text.normalize("NFKC").replace(/[’‘`´]/g, "'").replace(/[”“]|''/g, '"').trim();
}

function part(groups: (string | undefined)[]): Part {
  const [before, degrees, minutes, seconds, after] = groups;
  const mark = (before ?? after ?? "").toUpperCase();
  const size = Math.abs(Number(degrees)) + Number(minutes ?? 0) / 60 + Number(seconds ?? 0) / 3600;
  const negative = degrees?.startsWith("-") !== /^[WS西南]/.test(mark);
  return { value: negative ? -size : size, axis: AXES[mark] ?? null };
}

/**
 * Which of two numbers is the longitude: what the marks say; else the one that can be no latitude; else, where the
 * pair makes sense in China in one order only (73-136 E, 3-54 N), that order; else longitude first, as in GeoJSON.
 */
function order(a: Part, b: Part): Position {
  const swap = a.axis === "lat" || b.axis === "lon";
  const lonFirst = { lon: a.value, lat: b.value };
  const latFirst = { lon: b.value, lat: a.value };
  if (a.axis !== null || b.axis !== null) return swap ? latFirst : lonFirst;
  if (Math.abs(a.value) > 90 || Math.abs(b.value) > 90) return Math.abs(b.value) > 90 ? latFirst : lonFirst;
  return inChina(latFirst) && !inChina(lonFirst) ? latFirst : lonFirst;
}

function inChina({ lon, lat }: Position): boolean {
  return lon >= 73 && lon <= 136 && lat >= 3 && lat <= 54;
}

/** Reads what was typed into the search box. */
export function parseQuery(text: string): Query {
  const clean = plain(text);
  if (clean === "") return { kind: "empty" };
  const found = PAIR.exec(clean.toUpperCase());
  if (found === null) return { kind: "address", address: text.trim() };
  const position = order(part(found.slice(1, 6)), part(found.slice(6, 11)));
  if (Math.abs(position.lat) > 90 || Math.abs(position.lon) > 180) return { kind: "range" };
  return { kind: "position", ...position };
}
