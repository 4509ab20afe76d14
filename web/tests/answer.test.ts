import { expect, test } from "vitest";
import { place, verdict } from "../src/answer";
import type { Answer } from "../src/api";
import { endpoint } from "../src/api";
import { metres, preferred, TEXTS } from "../src/i18n";

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
