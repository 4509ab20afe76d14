import { fromLonLat } from "ol/proj";
import { expect, test } from "vitest";
import { mercatorFromGcj, mercatorToGcj } from "../src/basemap";
import { fromGcj, toGcj } from "../src/gcj";

test("a point in Hangzhou is shifted as independent implementations shift it", () => {
  const [lon, lat] = toGcj(120.2158, 30.2936);
  expect(lon).toBeCloseTo(120.220327670374, 11);
  expect(lat).toBeCloseTo(30.291169938466, 11);
});

test("the way back meets the point within 1e-10 degrees, all over China", () => {
  for (let lon = 75; lon <= 134; lon += 2.95) {
    for (let lat = 19; lat <= 53; lat += 2.83) {
      const [x, y] = fromGcj(...toGcj(lon, lat));
      expect(Math.max(Math.abs(x - lon), Math.abs(y - lat))).toBeLessThan(1e-10);
    }
  }
});

test("tiles are moved by the shift in web Mercator, and back", () => {
  const there = mercatorToGcj(fromLonLat([120.2158, 30.2936]));
  const expected = fromLonLat([120.220327670374, 30.291169938466]);
  expect(there[0]).toBeCloseTo(expected[0]!, 4);
  expect(there[1]).toBeCloseTo(expected[1]!, 4);
  const back = mercatorFromGcj(there);
  expect(back[0]).toBeCloseTo(fromLonLat([120.2158, 30.2936])[0]!, 4);
});
