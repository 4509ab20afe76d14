import { expect, test } from "vitest";
import type { Answer } from "../src/api";
import { endpoint } from "../src/api";
import { metres, preferred, TEXTS } from "../src/i18n";
import { hasError, note, place, reason, verdict } from "../src/verdict";

const chain = [
  { level: "community", code: "320613001001", name: "虹桥社区" },
  { level: "grid", code: "320613001001004", name: "第四网格" },
];
const answer: Answer = {
  status: "found", area: "320613001001004", chain, lon: 120.86, lat: 32.01, border_m: 23.24, on: "2026-11-22", version: 3,
};

test("a grid is named with the community it lies in", () => expect(place(chain)).toBe("虹桥社区 第四网格"));

test("a grid whose name says its community already is not named twice", () => {
  expect(place([chain[0]!, { ...chain[1]!, name: "虹桥社区第四网格" }])).toBe("虹桥社区第四网格");
});

test("an area without a name is called by its code", () => {
  expect(place([{ level: "grid", code: "g1", name: null }])).toBe("g1");
});

test("an ambiguous point says the error, the border and where it falls", () => {
  const said = verdict({ ...answer, status: "ambiguous" }, "50");
  expect(said.headline).toBe("位置不能确定：定位误差 50.0 米 大于到区界的距离 23.2 米");
  expect(said.more).toContain("虹桥社区 第四网格");
});

test("an ambiguous address says how many there are", () => {
  const candidates = [1, 2].map((n) => ({ address: `人民路${n}号`, lon: 1, lat: 1, area: null }));
  const said = verdict({ ...answer, status: "ambiguous", chain: [], candidates }, "");
  expect(said.headline).toBe("有 2 处地址相符，请选择");
});

test("a point outside says how far the nearest border is", () => {
  const said = verdict({ ...answer, status: "outside", area: null, chain: [], border_m: 51234 }, "");
  expect(said.more).toBe("距最近的区界 51.2 千米。");
});

test.each([[23.24, "23.2 米"], [99.96, "100.0 米"], [100.4, "100 米"], [9999, "9999 米"], [10000, "10.0 千米"]])(
  "%f m is read as %s", (value, text) => expect(metres(value)).toBe(text),
);

test("the service is asked below the page's own path, and never with empty values", () => {
  const url = endpoint("locate", { lon: 120.86, lat: 32.01, on: "" }, "https://town.example/grids/index.html#x");
  expect(url.href).toBe("https://town.example/grids/api/locate?lon=120.86&lat=32.01");
});

test("the language is the remembered one, else the browser's first known one, else Chinese", () => {
  expect(preferred("en", ["zh-CN"])).toBe("en");
  expect(preferred(null, ["fr", "en-GB", "zh"])).toBe("en");
  expect(preferred("xx", ["fr"])).toBe("zh");
});

test("both languages fill the same placeholders", () => {
  const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
  for (const [key, text] of Object.entries(TEXTS.zh)) {
    expect(holes(TEXTS.en[key as keyof typeof TEXTS.en]), key).toEqual(holes(text));
  }
});

test("why there is no answer is told, and what to do where it is not known why", () => {
  expect(reason("no_such_number")).toBe("这条路上没有这个门牌号。");
  expect(reason("something new")).toContain("请检查门牌");
});

test("what was taken on trust is told in a sentence, and by its own words where it has none", () => {
  expect(note({ code: "typo", given: "人名路", taken: "人民路" })).toBe("“人名路”按“人民路”查找。");
  expect(note({ code: "novel", given: "a", taken: "" })).toBe("novel a");
});

test("a building across a border says so, whatever its distance", () => {
  const candidates = [{ ...chain[1]!, share: 0.6 }, { ...chain[1]!, code: "g5", share: 0.4 }];
  expect(verdict({ ...answer, status: "ambiguous", candidates }, "").headline).toBe("这座建筑跨越区界");
});

test("a road that reaches over borders says what is sure of it, whatever error was typed", () => {
  const said = verdict({ ...answer, status: "ambiguous", accuracy_m: 300, matched_level: "road", chain: chain.slice(0, 1) }, "50");
  expect(said.headline).toBe("道路：可能在几个区域中的任一个");
  expect(said.more).toContain("虹桥社区");
});

test("every reason and note that the service may give has words", () => {
  const reasons = ["empty", "too_long", "no_parts", "other_place", "no_such_road", "no_such_compound", "no_such_number", "no_such_building", "contradiction"];
  const notes = ["former_name", "alias", "typo", "other_division", "interpolated", "relation", "unit_unknown", "repeated", "dropped"];
  const keys = [...reasons.map((code) => `reason_${code}`), ...notes.map((code) => `note_${code}`)];
  expect(keys.filter((key) => !(key in TEXTS.zh))).toEqual([]);
});

test.each([
  ["interpolated", 30, true],
  ["road", 340, true],
  ["building", null, false],
  ["community", 500, false],
])("the place of a %s that is %s m off may be off: %s", (matched_level, accuracy_m, expected) => {
  expect(hasError({ ...answer, matched_level, accuracy_m })).toBe(expected);
});
