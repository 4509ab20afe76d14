import { expect, test } from "vitest";
import { filled } from "../src/i18n";
import { listed, opened } from "../src/plans/held";
import { mergeParents } from "../src/plans/operation";
import { parentBorders } from "../src/plans/parents";
import type { Area, Corner, Plan, Upper } from "../src/plans/service";
import { besides, gridsByUnit, gridsOf, items, levelsAbove, unitOf } from "../src/plans/units";
import { faultLine, stem } from "../src/plans/uploading";

/** Four squares of 0.01 degrees in a row: a and b in c1, c in c2, d in c3; c1 and c2 in street s1, c3 in s2. */
function square(code: string, east: number, parent: string, households: number | null): Area {
  const at = (x: number, y: number): Corner => [120 + (east + x) / 100, 32 + y / 100];
  const figures = { households, residents: null, buildings: null, area_m2: 10_000, compactness: 0.5, deviation: null, parts: 1 };
  const coordinates = [[at(0, 0), at(1, 0), at(1, 1), at(0, 1), at(0, 0)]];
  return { type: "Feature", id: code, geometry: { type: "Polygon", coordinates }, properties: { code, name: null, level: "grid", parent, kind: null, ...figures } };
}
const plan: Plan = {
  id: 3, name: "方案", status: "draft", version: 7, base: "2026-01-31", level: "grid", target: 300, effective: null, note: "",
  changed_at: "2026-01-31T08:00:00+00:00", areas: 4, can_undo: false, can_redo: false,
};
function upper(code: string, level: string, parent: string | null): Upper {
  return { code, name: `${code}名`, level, parent };
}
const above = [upper("c1", "community", "s1"), upper("c2", "community", "s1"), upper("c3", "community", "s2"), upper("s1", "street", "p"), upper("s2", "street", "p"), upper("p", "district", null)];
const features = [square("a", 0, "c1", 100), square("b", 1, "c1", 200), square("c", 2, "c2", null), square("d", 3, "c3", 50)];
const held = opened({ plan, upper: above, features }, []);

test("levels above the grids are those with several areas, from the finest up", () => expect(levelsAbove(held)).toEqual(["community", "street"]));

test("a grid stands for what holds it on a level", () => {
  expect(["community", "street", "ward", null].map((level) => unitOf(held, "b", level))).toEqual(["c1", "s1", null, "b"]);
  expect(unitOf(held, "gone", "community")).toBeNull();
});

test("an area above is all grids in it", () => {
  expect(gridsOf(held, ["s2", "c1"], "street")).toEqual(["d"]);
  expect(gridsOf(held, ["c1", "c3"], "community")).toEqual(["a", "b", "d"]);
  expect([...gridsByUnit(held, "street").keys()]).toEqual(["s1", "s2"]);
});

test("the list tells how many grids and households an area above holds, as far as they are known", () => {
  expect(items(held, "community").map(({ code, households, grids }) => [code, households, grids])).toEqual([["c1", 300, 2], ["c2", null, 1], ["c3", 50, 1]]);
  expect(items(held, null).map(({ code, grids }) => [code, grids])).toEqual([["a", null], ["b", null], ["c", null], ["d", null]]);
});

test("areas above are neighbours where their grids are", () => {
  expect(besides(held, "c1", "community")).toEqual(["c2"]);
  expect(besides(held, "s1", "street")).toEqual(["s2"]);
  expect(besides(held, "b", null)).toEqual(["a", "c"]);
  expect(besides(held, undefined, null)).toEqual([]);
});

test("the outline of several areas is without the sides between them", () => {
  expect(parentBorders(features.slice(0, 2), () => "")).toHaveLength(6);
});

test("the first of several communities takes in the others", () => {
  expect(mergeParents(["c2", "c1", "c3"])).toEqual({ op: "merge_parents", codes: ["c2", "c1", "c3"], into: "c2" });
  expect(mergeParents(["c2"])).toBeNull();
});

test("a sentence names the first of many areas and counts the others", () => {
  const codes = ["c1", "c2", "c3", "s1", "s2", "p", "a", "b"];
  expect(listed(held, codes.slice(0, 6))).toBe("c1名、c2名、c3名、s1名、s2名、p名");
  expect(listed(held, codes)).toBe("c1名、c2名、c3名、s1名、s2名、p名，另有 2 个");
});

test("one is singular, none and many are plural", () => {
  const said = [0, 1, 2].map((n) => filled("{n} {n|household|households}", { n }));
  expect(said).toEqual(["0 households", "1 household", "2 households"]);
  expect(filled("{n} {n|household|households}", { n: "–" })).toBe("– households");
});

test("a fault is told with its place", () => {
  expect(faultLine({ message: "不能是负数", feature: 9, line: null, column: "households" })).toBe("第 9 个要素、字段 households：不能是负数");
  expect(faultLine({ message: "x", feature: null, line: null, column: null })).toBe("x");
});

test("a draft from a file is called as the file, without its ending", () => {
  expect([stem("grids.2026.gpkg"), stem(".gpkg"), stem("a".repeat(200) + ".zip")]).toEqual(["grids.2026", ".gpkg", "a".repeat(100)]);
});
