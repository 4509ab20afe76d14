/* The map of one day, and the two maps of two days that move together. */

/* one map: its panes above each other, the areas of each level and their borders */
gridmap.side = ({ map, key, panes, levels, looks, shapes }) => {
  for (const [name, height] of Object.entries(panes)) {
    const pane = map.createPane(`gm-${name}`);
    pane.style.zIndex = height;
    // a canvas in front of another would take the pointer from it
    if (name !== "shaded") pane.style.pointerEvents = "none";
  }
  const layers = { shaded: L.layerGroup().addTo(map), marks: L.layerGroup().addTo(map) };
  const areas = Object.create(null); // a level may be called as its maker likes
  const found = new Map();
  for (const [level, of] of Object.entries(levels)) {
    areas[level] = of.codes.map((code, row) => ({ of, row, level, side: key }));
    for (const area of areas[level]) found.set(`${level}/${of.codes[area.row]}`, area);
    const { colour, width, dash } = looks[level];
    layers[`borders-${level}`] = L.polygon(of.shapes.flatMap((shape) => shapes[shape]), { color: colour, weight: width,
      dashArray: dash, fill: false, interactive: false, pane: "gm-borders", smoothFactor: 0.5 });
  }
  return { key, map, layers, areas, found };
};

/* the maps of all days, the older one on the left: MAKE gets a map and its key */
gridmap.sides = (MAP, two, make) => {
  const right = make(MAP, "new");
  if (!two) return [right];
  document.body.classList.add("gm-two");
  gridmap.byId("gm-old").hidden = false;
  const { zoomSnap, maxZoom, preferCanvas, zoomAnimation, fadeAnimation } = MAP.options;
  const options = { zoomControl: false, zoomSnap, maxZoom, preferCanvas, zoomAnimation, fadeAnimation };
  const left = make(L.map("gm-old", options), "old");
  MAP.invalidateSize({ animate: false });
  gridmap.follow(left.map, MAP);
  gridmap.follow(MAP, left.map);
  return [left, right];
};

gridmap.follow = (one, other) => {
  one.on("move zoomend", () => {
    if (one.following) return;
    other.following = true;
    other.setView(one.getCenter(), one.getZoom(), { animate: false });
    other.following = false;
  });
  const spot = L.circleMarker([0, 0], { radius: 7, color: "#111827", weight: 2, fill: false, interactive: false,
    pane: "gm-marks", renderer: L.svg({ pane: "gm-marks" }) });
  one.on("mousemove", (event) => spot.setLatLng(event.latlng).addTo(other));
  // the map itself is not told of a pointer that leaves it from an area
  L.DomEvent.on(one.getContainer(), "mouseleave", () => spot.remove());
};

/* what stands on every map: its day, zoom, north, scale, where its data come from */
gridmap.outfit = (sides, { word }, captions, sources = {}) => {
  const corner = (map, position, made) => {
    const control = L.control({ position });
    control.onAdd = () => made;
    control.addTo(map);
  };
  for (const { map, key } of sides) {
    map.attributionControl.setPrefix(false);
    if (sides.length > 1) corner(map, "topleft", gridmap.node("div", { class: "gm-caption", text: captions[key] }));
    L.control.zoom({ zoomInTitle: word("zoom_in"), zoomOutTitle: word("zoom_out") }).addTo(map);
    corner(map, "topright", gridmap.node("div", { class: "gm-north", role: "img", "aria-label": word("north") },
      gridmap.node("b", { text: "↑" }), word("north")));
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    // Leaflet takes the text as HTML
    if (sources[key]) map.attributionControl.addAttribution(gridmap.node("i", { text: sources[key] }).innerHTML);
  }
};

/* everything in view; once more after the lists have taken their room beside or below the maps */
gridmap.whole = (sides, [west, south, east, north]) => {
  for (const { map } of sides) {
    map.following = true;
    map.invalidateSize({ animate: false });
    map.fitBounds([[south, west], [north, east]], { padding: [14, 14], animate: false });
    map.following = false;
  }
};

gridmap.clearMarks = (sides) => {
  for (const one of sides) one.layers.marks.clearLayers();
};

/* an outline ("polygon" or "polyline") over all else, until the next one */
gridmap.mark = (one, kind, shapes, look) => {
  const renderer = (one.map.marksRenderer ??= L.svg({ pane: "gm-marks" }));
  L[kind](shapes, { color: "#111827", weight: 4, fill: false, interactive: false, pane: "gm-marks", renderer, ...look })
    .addTo(one.layers.marks);
};

gridmap.goTo = (map, bounds, room) => map.fitBounds(bounds.pad(room), { maxZoom: 18, animate: false });
