import { describe, expect, test } from "vitest";
import { parseQuery } from "../src/query";

const nantong = { kind: "position", lon: 120.86, lat: 32.01 };

describe("a position may be written in any usual way", () => {
  test.each([
    "120.86,32.01",
    "120.86, 32.01",
    "32.01 120.86",
    "32.01，120.86",
    "１２０.８６　３２.０１",
    "[120.86, 32.01]",
    "经度120.86 纬度32.01",
    "N32.01 E120.86",
    "32.01N, 120.86E",
    "北纬32.01°，东经120.86°",
  ])("%s", (text) => expect(parseQuery(text)).toEqual(nantong));
});

test.each([
  // 36/60 = 0.6 and 36/3600 = 0.01 degrees
  ["32°00'36\"N 120°51'36\"E", 120.86, 32.01],
  ["北纬32度0分36秒 东经120度51分36秒", 120.86, 32.01],
  ["120°51.6′ 32°0.6′", 120.86, 32.01],
])("degrees, minutes and seconds are understood: %s", (text, lon, lat) => {
  const found = parseQuery(text);
  expect(found.kind).toBe("position");
  if (found.kind !== "position") return;
  expect(found.lon).toBeCloseTo(lon, 9);
  expect(found.lat).toBeCloseTo(lat, 9);
});

test("in Kashgar, where both numbers could be a latitude, the order that lies in China is taken", () => {
  expect(parseQuery("39.47 75.99")).toEqual({ kind: "position", lon: 75.99, lat: 39.47 });
  expect(parseQuery("75.99 39.47")).toEqual({ kind: "position", lon: 75.99, lat: 39.47 });
});

test("elsewhere longitude comes first, as in GeoJSON", () => {
  expect(parseQuery("13.4,52.5")).toEqual({ kind: "position", lon: 13.4, lat: 52.5 });
});

test("west and south are negative", () => {
  expect(parseQuery("33.9S 151.2W")).toEqual({ kind: "position", lon: -151.2, lat: -33.9 });
  expect(parseQuery("-151.2 -33.9")).toEqual({ kind: "position", lon: -151.2, lat: -33.9 });
});

test("numbers beyond the globe are told, not searched as an address", () => {
  expect(parseQuery("120.86, 95")).toEqual({ kind: "range" });
  expect(parseQuery("40520760.199, 3352680.124")).toEqual({ kind: "range" });
});

test.each(["人民路88号", "人民路 88 号", "工农南路18-2号3幢", "E栋101", "88"])("an address stays an address: %s", (text) => {
  expect(parseQuery(text)).toEqual({ kind: "address", address: text });
});

test("nothing typed is nothing asked", () => expect(parseQuery(" 　")).toEqual({ kind: "empty" }));
