/* Shaded areas of one level: their colours, what they say when pointed at, their card. */

gridmap.HIGHLIGHT = { color: "#111827", weight: 3, stroke: true };

/* Shapes are made when they are first shown. OPTIONS: shapes, opacity, colourOf(area), tip(area), point(area, on),
   click(one, area, latlng). */
gridmap.shade = (one, level, options) => {
  one.layers.shaded.clearLayers();
  for (const area of one.areas[level] ?? []) {
    area.shape ??= gridmap.areaShape(one, area, options);
    area.shape.setStyle({ fillColor: options.colourOf(area) });
    area.shape.addTo(one.layers.shaded);
  }
};

gridmap.areaShape = (one, area, { shapes, opacity, tip, click, point = gridmap.pointed }) => {
  const shape = L.polygon(shapes[area.of.shapes[area.row]], { stroke: false, fillOpacity: opacity, pane: "gm-shaded",
    smoothFactor: 0.5 });
  shape.bindTooltip(() => tip(area), { sticky: true, className: "gm-tip" });
  shape.on("mouseover", () => point(area, true));
  shape.on("mouseout", () => point(area, false));
  shape.on("click", (event) => {
    L.DomEvent.stopPropagation(event);
    click(one, area, event.latlng);
  });
  return shape;
};

gridmap.pointed = (area, on) => {
  area.shape?.setStyle(on ? gridmap.HIGHLIGHT : { stroke: false });
  if (on) area.shape?.bringToFront();
};

gridmap.card = (one, at, made, options = {}) =>
  L.popup({ maxWidth: 380, minWidth: 230, ...options }).setLatLng(at).setContent(made).openOn(one.map);

/* of rows by level: borders of the level that is shown and of those above it, the coarse above the fine */
gridmap.bordersDownTo = (sides, levels, level, layers) => {
  const finest = levels.indexOf(level);
  levels.forEach((each, rank) => layers.put([`borders-${each}`], rank <= finest));
  for (const each of [...levels].reverse()) {
    for (const one of sides) {
      const borders = one.layers[`borders-${each}`];
      if (one.map.hasLayer(borders)) borders.bringToFront();
    }
  }
};
