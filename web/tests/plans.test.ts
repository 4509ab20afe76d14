import { expect, test } from "vitest";
import { classes, colourOf, deviationClass, worst } from "../src/plans/colours";
import { along, apart, corners, dragged, foot, halfway, neighbours, outer, rings, sharers, shifted, withAcross } from "../src/plans/corners";
import { followed, listed, opened, sums, touched } from "../src/plans/held";
import { give, giveBuildings, merge, redrawBorder, split } from "../src/plans/operation";
import { parentBorders } from "../src/plans/parents";
import { address, routed } from "../src/plans/route";
import { staleOf } from "../src/plans/saying";
import type { Area, Corner, Difference, Edited, Finding, Plan, Ring } from "../src/plans/service";
import { difference, differing, figure, kindName, measured, percent, ruleName } from "../src/plans/told";
import { WORDS } from "../src/plans/words";
import { Problem } from "../src/api";

/** A square of 0.01 degrees with its south-west corner `east` and `north` such squares from 120 E 32 N. */
function square(code: string, east: number, north: number, households: number | null = 300, parent = "c1"): Area {
  const at = (x: number, y: number): Corner => [120 + (east + x) / 100, 32 + (north + y) / 100];
  const ring: Ring = [at(0, 0), at(1, 0), at(1, 1), at(0, 1), at(0, 0)];
  const deviation = households === null ? null : (households - 300) / 300;
  const figures = { households, residents: null, buildings: null, area_m2: 10_000, compactness: 0.5, deviation, parts: 1 };
  const named = { code, name: `${code}网格`, level: "grid", parent, kind: null };
  return { type: "Feature", id: code, geometry: { type: "Polygon", coordinates: [ring] }, properties: { ...named, ...figures } };
}

const [west, east, far] = [square("a", 0, 0), square("b", 1, 0, 420), square("z", 5, 5, null)];
const plan: Plan = {
  id: 3, name: "方案", status: "draft", version: 7, base: "2026-01-31", level: "grid", target: 300, effective: null, note: "",
  changed_at: "2026-01-31T08:00:00+00:00", areas: 2, can_undo: false, can_redo: false,
};

function finding(rule: string, codes: string[], blocks = false): Finding {
  return { geometry: null, properties: { rule, codes, measured: 0.25, unit: "share", limit: 0.1, message: "", mend: "", blocks } };
}

function held(...findings: Finding[]) {
  return opened({ plan, upper: [{ code: "c1", name: "一社区", level: "community", parent: null }], features: [west, east] }, findings);
}

test("the first of several grids goes on when they are merged", () => {
  expect(merge(["b", "a"], false)).toEqual({ op: "merge", codes: ["b", "a"], into: "b" });
  expect(merge(["a"], false)).toBeNull();
});

test("communities' borders move only where that is said", () => {
  expect(merge(["a", "b"], true)).toMatchObject({ across: true });
  expect(withAcross({ op: "move_vertex", at: [1, 2], to: [3, 4] }, false)).not.toHaveProperty("across");
  expect(withAcross({ op: "rename", code: "a", name: "x" }, true)).not.toHaveProperty("across");
});

test("a line of one point splits nothing", () => expect(split("a", [[1, 2]])).toBeNull());

test("drawn ground is closed, and goes from the grid selected to the neighbour", () => {
  const drawn: Corner[] = [[0, 0], [1, 0], [1, 1]];
  expect(give(drawn, { code: "a", neighbour: "b", across: false })).toEqual({ op: "give", ground: [[[0, 0], [1, 0], [1, 1], [0, 0]]], to: "b", of: "a" });
  expect(give(drawn.slice(1), { code: "a", neighbour: "b", across: false })).toBeNull();
});

test("a border is redrawn with a neighbour only", () => {
  const line: Corner[] = [[0, 0], [1, 1]];
  expect(redrawBorder(line, { code: "a", neighbour: null, across: false })).toBeNull();
  expect(redrawBorder(line, { code: "a", neighbour: "b", across: true })).toEqual({ op: "redraw_border", one: "a", other: "b", line, across: true });
});

test("numbers of buildings may be parted as people part them", () => {
  expect(giveBuildings(" 17，18; 19、20 ", 0, "b", false)).toEqual({ op: "give_buildings", buildings: ["17", "18", "19", "20"], to: "b" });
  expect(giveBuildings("17", 4, "b", true)).toMatchObject({ strip: 4, across: true });
  expect(giveBuildings(" , ", 4, "b", false)).toBeNull();
});

test("corners are told once each, in all parts and holes", () => {
  expect(corners(west.geometry)).toHaveLength(4);
  const parts = [west, far].map(({ geometry }) => geometry.coordinates as Ring[]);
  expect(rings({ type: "MultiPolygon", coordinates: parts })).toHaveLength(2);
});

test("a border needs two corners in common: those that meet in one are no neighbours", () => {
  const corner = square("c", 1, 1);
  expect(neighbours([west, east, corner, far], west).map(({ id }) => id)).toEqual(["b"]);
  expect(sharers([west, east, corner, far], [120.01, 32.01]).map(({ id }) => id)).toEqual(["a", "b", "c"]);
});

test("a corner is on the outer border where a side from it is one grid's alone", () => {
  const four = [west, east, square("c", 0, 1), square("d", 1, 1)];
  expect([[120.01, 32.01], [120.01, 32], [120, 32]].map((corner) => outer(four, corner as Corner))).toEqual([false, true, true]);
});

test("corners are gone round in both directions", () => expect([along(0, -1, 4), along(3, 1, 4), along(0, 1, 0)]).toEqual([3, 0, 0]));

test("a step of so many metres is that long on the ground", () => {
  // one second of arc of a great circle is 30.887 m on a globe of 6 371 km
  expect(shifted([120, 0], 0, 30.887)[1]).toBeCloseTo(1 / 3600, 7);
  expect(shifted([120, 60], 30.887, 0)[0] - 120).toBeCloseTo(2 / 3600, 7);
  expect(apart([120, 32], shifted([120, 32], 3, -4))).toBeCloseTo(5, 4);
});

test("a place beside a border belongs to the nearest place on it", () => {
  expect(foot([0, 0], [2, 0], [1, 5])).toEqual([1, 0]);
  expect(foot([0, 0], [2, 0], [-3, 1])).toEqual([0, 0]);
});

const ring: Ring = [[0, 0], [2, 0], [2, 2], [0, 2]];
const there = (place: Corner) => place;
const after = (...changed: Ring) => dragged([ring], [ring], [changed], there);

test("a dragged corner is told as it was kept and where it went", () => {
  const kept: Ring = [[0.1, 0], [2, 0], [2, 2], [0, 2]];
  expect(dragged([kept], [ring], [[[9, 9], ...ring.slice(1)]], there)).toEqual({ op: "move_vertex", at: [0.1, 0], to: [9, 9] });
});

test("a dragged side is a corner more, on the side and from there", () => {
  expect(after([0, 0], [1, -1], [2, 0], [2, 2], [0, 2])).toEqual({ op: "insert_vertex", at: [1, 0], to: [1, -1] });
  expect(after([0, 0], [2, 0], [2, 2], [0, 2], [-1, 1])).toEqual({ op: "insert_vertex", at: [0, 1], to: [-1, 1] });
});

test("a corner that is gone was deleted, whichever it was", () => {
  expect(after([0, 0], [2, 2], [0, 2])).toEqual({ op: "delete_vertex", at: [2, 0] });
  expect(after([0, 0], [2, 0], [2, 2])).toEqual({ op: "delete_vertex", at: [0, 2] });
});

test("a drag that comes back to where it was is no edit", () => expect(after(...ring)).toBeNull());

test("a corner is added in the middle of the side that follows", () => {
  expect(halfway({ type: "Polygon", coordinates: [[...ring, [0, 0]]] }, 3)).toEqual({ op: "insert_vertex", at: [0, 1] });
});

test("borders of communities are the sides with another community, or nothing, beyond", () => {
  expect(parentBorders([west, east])).toHaveLength(6);
  expect(parentBorders([west, square("b", 1, 0, 300, "c2")])).toHaveLength(7);
});

const edited: Edited = {
  version: 8, changed: { features: [square("b", 1, 0, 310)] }, removed: ["a"], upper: null, findings: { features: [finding("households", ["b"])] },
  figures: { b: { before: null, after: null } }, can_undo: true, can_redo: false,
};

test("after an edit only what it touched is told anew", () => {
  const now = followed(held(finding("gap", ["a", "z"]), finding("gap", ["z"])), edited);
  expect([...now.areas.keys()]).toEqual(["b"]);
  expect(now.findings.map(({ properties }) => [properties.rule, ...properties.codes])).toEqual([["households", "b"], ["gap", "z"]]);
  expect([now.plan.version, now.plan.can_undo, now.upper.length]).toEqual([8, true, 1]);
  expect(touched(edited)).toEqual(["b"]);
});

test("a draft is summed up, and what is not counted is not added", () => {
  const all = sums([west, east, far]);
  expect([all.areas, all.households, all.within]).toEqual([3, 720, 1]);
  expect(sums([far]).households).toBeNull();
});

test("areas are called by their names, and those that are gone by their codes", () => expect(listed(held(), ["a", "c1", "x"])).toBe("a网格、一社区、x"));

test.each([[-0.31, "muchLess"], [-0.3, "less"], [-0.1, "fits"], [0.1, "fits"], [0.11, "more"], [0.3, "more"], [3, "muchMore"], [null, "unknown"]])(
  "a deviation of %s is coloured as %s", (deviation, key) => expect(deviationClass(deviation).key).toBe(key),
);

test("an area is as bad as its worst finding, and clean without one", () => {
  const found = worst([finding("gap", ["a"], true), finding("sliver", ["a", "b"])]);
  const fills = [west, east, far].map((area) => colourOf(area, "findings", found));
  expect(fills).toEqual(classes("findings").map(({ fill }) => fill));
});

test("figures are read as people read them", () => {
  const { properties } = east;
  expect([figure("deviation", properties), figure("area_m2", properties), figure("residents", properties)]).toEqual(["+40%", "1.00 公顷", "–"]);
  expect([percent(-0.004), percent(-0.2)]).toEqual(["0%", "-20%"]);
});

test("a finding says what was measured and what the limit is", () => expect(measured(finding("gap", []))).toBe("25%，限值 10%"));

test("every rule of the check has words", () => {
  const rules = ["gap", "overlap", "outside", "nesting", "hole", "multi_part", "sliver", "t_junction", "duplicate_code", "orphan_building",
    "cut_building", "households", "residents", "compactness", "barrier", "invalid", "name_spelling"];
  expect(rules.filter((rule) => ruleName(rule) === rule)).toEqual([]);
});

test("every kind of lineage has words", () => {
  const kinds = ["unchanged", "renamed", "adjusted", "split", "merge", "complex", "created", "abolished"];
  expect(kinds.filter((kind) => kindName(kind) === kind)).toEqual([]);
});

test("a difference is told as what became of what", () => {
  const one: Difference = { level: "grid", old: "a", new: "b", kind: "merge", share_old: 1, share_new: 0.5, area_m2: 12_300, households: 40 };
  const name = (code: string) => `${code}网格`;
  expect(difference(one, name, name)).toEqual(["合并", "a网格 → b网格", "40 户，1.23 公顷"]);
  expect(difference({ ...one, old: null }, name, name)[1]).toBe("– → b网格");
  expect(differing([one, { ...one, kind: "unchanged" }])).toEqual([one]);
});

test("the address says which plan is open, and beside which", () => {
  expect([routed("#3"), routed("#3/0"), routed("#x"), routed("")]).toEqual([
    { plan: 3, other: null }, { plan: 3, other: 0 }, { plan: null, other: null }, { plan: null, other: null },
  ]);
  expect([address(3), address(3, 4), address(null)]).toEqual(["#3", "#3/4", "#"]);
});

test("what others changed meanwhile is read from the refusal, and from no other one", () => {
  const refusal = (code: string) => new Problem(409, "", "", { code, version: 9, changed: ["a"] });
  expect(staleOf(refusal("stale_version"))).toEqual({ version: 9, changed: ["a"] });
  expect(staleOf(refusal("not_a_draft"))).toBeNull();
});

test("both languages of the plans page fill the same placeholders", () => {
  const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
  for (const [key, text] of Object.entries(WORDS.zh)) expect(holes(WORDS.en[key as keyof typeof WORDS.en]), key).toEqual(holes(text));
});
