import { expect, test } from "vitest";
import { behind, moved, pieces, what } from "../src/combobox";

test.each([
  [-1, "ArrowDown", 0],
  [0, "ArrowDown", 1],
  [2, "ArrowDown", -1],
  [-1, "ArrowUp", 2],
  [0, "ArrowUp", -1],
])("of three options, from %i %s leads to %i", (active, key, expected) => {
  expect(moved(active, key, 3)).toBe(expected);
});

test("what was typed is set off from what stands before and behind it", () => {
  expect(pieces("丽景嘉园16幢", [2, 6])).toEqual(["丽景", "嘉园16", "幢"]);
});

test("a character beyond the first plane counts once", () => {
  expect(pieces("𠮷祥路5号", [1, 3])).toEqual(["𠮷", "祥路", "5号"]);
});

test("a road says how many addresses it has, a plate what it is", () => {
  const suggestion = { address: "", text: "", within: "", matched: [0, 0] as [number, number], means: null };
  expect(what({ ...suggestion, kind: "road", count: 290 })).toBe("道路 · 290 个地址");
  expect(what({ ...suggestion, kind: "number", count: 1 })).toBe("门牌号");
});

test("an alias says what it means, all others where they are", () => {
  const road = { address: "崇川区人民路", text: "人民路", within: "崇川区", matched: [0, 2] as [number, number], kind: "road", count: 1, means: null };
  expect(behind(road)).toBe("崇川区");
  expect(behind({ ...road, text: "大马路", within: "", kind: "alias", means: "崇川区人民路" })).toBe("= 崇川区人民路");
});
