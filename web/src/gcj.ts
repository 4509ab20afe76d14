/**
 * GCJ-02, the shifted datum of Amap, Tencent and Google tiles in China (20-700 m off WGS 84).
 * The published approximation on the Krasovsky 1940 ellipsoid; degrees in, degrees out, no rule about borders:
 * whoever configures a GCJ-02 basemap knows that the place is in China.
 */

const A = 6378245.0;
const EE = 0.00669342162296594323;
const PI = Math.PI;

function shift(lon: number, lat: number): [number, number] {
  const x = lon - 105;
  const y = lat - 35;
  const common = ((20 * Math.sin(6 * x * PI) + 20 * Math.sin(2 * x * PI)) * 2) / 3;
  const root = 0.1 * Math.sqrt(Math.abs(x));
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 2 * root + common;
  north += ((20 * Math.sin(y * PI) + 40 * Math.sin((y / 3) * PI)) * 2) / 3;
  north += ((160 * Math.sin((y / 12) * PI) + 320 * Math.sin((y * PI) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + root + common;
  east += ((20 * Math.sin(x * PI) + 40 * Math.sin((x / 3) * PI)) * 2) / 3;
  east += ((150 * Math.sin((x / 12) * PI) + 300 * Math.sin((x / 30) * PI)) * 2) / 3;
  const phi = (lat * PI) / 180;
  const magic = 1 - EE * Math.sin(phi) ** 2;
  const root2 = Math.sqrt(magic);
  return [(east * 180) / ((A / root2) * Math.cos(phi) * PI), (north * 180) / (((A * (1 - EE)) / (magic * root2)) * PI)];
}

/** WGS 84 longitude and latitude to GCJ-02. */
export function toGcj(lon: number, lat: number): [number, number] {
  const [east, north] = shift(lon, lat);
  return [lon + east, lat + north];
}

/** GCJ-02 to WGS 84: the shift is subtracted again until the point maps onto itself (below 1e-11 degrees, 5 rounds). */
export function fromGcj(lon: number, lat: number): [number, number] {
  let [x, y] = [lon, lat];
  for (let round = 0; round < 20; round += 1) {
    const [gx, gy] = toGcj(x, y);
    const [ex, ey] = [gx - lon, gy - lat];
    x -= ex;
    y -= ey;
    if (Math.max(Math.abs(ex), Math.abs(ey)) < 1e-11) break;
  }
  return [x, y];
}
