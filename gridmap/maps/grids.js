/* The map of grids: MAP is the map that folium made, DATA what gridmap.maps.contents wrote. */
function gridmapGrids(MAP, DATA) {
  const UNKNOWN = "#d9d9d9";
  const OPACITY = 0.8;
  const FEW = 3; // names of areas in one entry
  const NORM_COLOURS = ["#edf3ee", "#fdae61", "#d7301f", "#7f0000"];
  const PANES = { shaded: 410, buildings: 412, ground: 413, barriers: 414, streets: 415, borders: 420, places: 430,
    marks: 440, findings: 450 };
  const STYLES = {
    buildings: { pane: "gm-buildings", color: "#57534e", weight: 0.3, fillColor: "#78716c", fillOpacity: 0.55 },
    streets: { pane: "gm-streets", color: "#fff", weight: 0.7, fill: false },
    main: { pane: "gm-streets", color: "#fff", weight: 2.4, fill: false },
    rivers: { pane: "gm-barriers", color: "#2563eb", weight: 3, fill: false },
    railways: { pane: "gm-barriers", color: "#111827", weight: 2.2, dashArray: "7 5", fill: false },
  };
  const { node, byId, path, polygon } = gridmap;
  const texts = gridmap.texts(DATA);
  const { word, lower, said } = texts;
  const SHAPES = DATA.shapes.map(polygon);

  /* ---- what an area says ---- */
  const classOf = (area, figure) => {
    const at = area.of.classes[figure]?.[area.row];
    return at === null || at === undefined ? null : at;
  };
  const sideOf = (area, figure) => {
    const at = classOf(area, figure);
    return at === null ? 0 : DATA.classes[area.level][figure].sides[at];
  };
  const normed = (level) => Object.keys(DATA.norms[level] ?? {}).filter((figure) => DATA.classes[level]?.[figure]);
  const broken = (area) => normed(area.level).filter((figure) => sideOf(area, figure) !== 0);
  const measured = (area) => normed(area.level).some((figure) => classOf(area, figure) !== null);
  const valueOf = (area, figure) => area.of.figures[figure]?.[area.row] ?? null;
  const nameOf = (area) => area.of.names[area.row];
  const codeOf = (area) => area.of.codes[area.row];
  function rangeText([least, greatest]) {
    if (least === null) return `≤ ${said(greatest)}`;
    return greatest === null ? `≥ ${said(least)}` : `${said(least)}–${said(greatest)}`;
  }

  const state = { level: gridmap.asked("level", DATA.levels, DATA.start.level) };
  const choices = () => [
    ...(DATA.events ? ["change"] : []),
    ...(normed(state.level).length ? ["norms"] : []),
    ...DATA.figures.filter((figure) => DATA.classes[state.level]?.[figure]),
  ];
  state.by = gridmap.asked("by", choices(), DATA.start.by);

  function colourOf(area) {
    if (state.by === "change") return DATA.kinds[area.of.kinds[area.row]] ?? UNKNOWN;
    if (state.by === "norms") return measured(area) ? NORM_COLOURS[Math.min(broken(area).length, 3)] : UNKNOWN;
    const at = classOf(area, state.by);
    return at === null ? UNKNOWN : DATA.classes[area.level][state.by].colours[at];
  }

  /* ---- what is said of an area ---- */
  function tip(area) {
    const figure = DATA.figures.includes(state.by) ? state.by : "households";
    return node("div", {}, ...headings(area),
      node("div", { text: `${word("code")} ${codeOf(area)}` }),
      node("div", { text: `${word(figure)} ${said(valueOf(area, figure))}` }),
      state.by === "change" && node("div", { text: word(`kind_${area.of.kinds[area.row]}`) }),
      ...broken(area).map((name) => node("div", { class: "gm-off", text: offText(area, name) })));
  }

  function headings(area) {
    const holders = area.of.holders[area.row];
    return [node("strong", { text: nameOf(area) }), holders && node("small", { text: holders })];
  }

  function offText(area, figure) {
    const mark = sideOf(area, figure) < 0 ? `▼ ${word("below")}` : `▲ ${word("above")}`;
    return `${mark}: ${word(figure)} ${said(valueOf(area, figure))} (${rangeText(DATA.norms[area.level][figure])})`;
  }

  function card(area) {
    const rows = DATA.figures.filter((figure) => valueOf(area, figure) !== null).map((figure) => {
      const off = sideOf(area, figure);
      const value = `${said(valueOf(area, figure))}${off < 0 ? " ▼" : off > 0 ? " ▲" : ""}`;
      return node("tr", {}, node("td", { text: word(figure) }), node("td", { text: value, class: off ? "gm-off" : "" }));
    });
    const became = (DATA.passing ?? []).filter((row) => row.level === area.level && row[area.side] === codeOf(area));
    return node("div", { class: "gm-popup" }, ...headings(area), node("div", { text: `${word("code")} ${codeOf(area)}` }),
      node("table", {}, node("tbody", {}, ...rows)),
      became.length && node("ul", {}, ...became.map((row) => node("li", { text: passingText(row) }))));
  }

  function passingText(row) {
    const ends = `${row.old ?? word("nothing")} → ${row.new ?? word("nothing")}`;
    const people = row.households === null ? "" : ` · ${word("stay", { households: said(row.households) })}`;
    return `${word(`kind_${row.kind}`)}: ${ends}${people}`;
  }
  const openArea = (one, area, at) => gridmap.card(one, at, card(area), { maxWidth: 340, minWidth: 220 });

  /* ---- the maps ---- */
  const sides = gridmap.sides(MAP, DATA.sides.old, (map, key) => gridmap.side({ map, key, panes: PANES,
    levels: DATA.sides[key].levels, looks: DATA.looks, shapes: SHAPES }));
  const right = sides.at(-1);
  const areasShown = (one = right) => one.areas[state.level] ?? [];

  /* ---- pointing: an area, and those it came from or went to ---- */
  function kin(area) {
    const other = sides.find((one) => one.key !== area.side);
    if (!other) return [];
    const rows = DATA.passing.filter((row) => row.level === area.level && row[area.side] === codeOf(area));
    const codes = rows.length ? rows.map((row) => row[other.key]) : [codeOf(area)];
    return codes.map((code) => other.found.get(`${area.level}/${code}`)).filter(Boolean);
  }
  const point = (area, on) => [area, ...kin(area)].forEach((one) => gridmap.pointed(one, on));

  /* ---- what lies below and above ---- */
  gridmap.backdrops(sides, DATA.backdrops, STYLES);
  for (const one of sides) {
    if (DATA.places) one.layers.places = L.layerGroup(DATA.places.map(place));
  }

  function place({ at: [lon, lat], kind }) {
    const style = { radius: 4, color: "#fff", weight: 1.5, fillColor: "#be123c", fillOpacity: 1, pane: "gm-places",
      renderer: L.svg({ pane: "gm-places" }) };
    return L.circleMarker([lat, lon], style).bindTooltip(node("span", { text: word(`place_${kind}`) }));
  }

  for (const finding of DATA.findings ?? []) {
    const renderer = (MAP.findingsRenderer ??= L.svg({ pane: "gm-findings" }));
    const style = { color: "#c2410c", weight: 3, fillColor: "#f97316", fillOpacity: 0.6, pane: "gm-findings", renderer };
    const [lon, lat] = finding.at;
    finding.mark = L.featureGroup([
      ...(finding.polygons.length ? [L.polygon(polygon(finding.polygons), style)] : []),
      ...(finding.lines.length ? [L.polyline(finding.lines.map(path), { ...style, weight: 5 })] : []),
      L.circleMarker([lat, lon], { ...style, radius: 8, fillOpacity: 0.15 }),
    ]).bindPopup(() => node("div", { class: "gm-popup" }, node("strong", { text: finding.called }),
      node("div", { text: finding.message, title: finding.told }), finding.mend && node("p", { text: word("mend", finding) })));
  }
  if (DATA.findings) right.layers.findings = L.layerGroup(DATA.findings.map((finding) => finding.mark));

  /* ---- layers that can be put on and off ---- */
  const layers = gridmap.layers(sides);
  function switches() {
    // beside what a plan changes, buildings are asked for
    const borders = gridmap.usualLayers(layers, texts, DATA.levels, DATA.events ? ["buildings"] : []);
    for (const key of ["places", "findings"]) layers.add(word(`${key}_layer`), [key], true);
    borders();
  }

  /* ---- legend ---- */
  function legendRows() {
    const count = (test) => areasShown().filter(test).length;
    if (state.by === "change") {
      const kinds = (one) => areasShown(one).map((area) => area.of.kinds[area.row]);
      const all = { new: kinds(right), old: kinds(sides[0]) };
      return Object.entries(DATA.kinds).map(([kind, colour]) => [colour, word(`kind_${kind}`),
        all[kind === "abolished" ? "old" : "new"].filter((one) => one === kind).length]).filter(([, , n]) => n);
    }
    if (state.by === "norms") {
      const most = Math.max(0, ...areasShown().map((area) => broken(area).length));
      return NORM_COLOURS.slice(0, Math.min(most, 3) + 1).map((colour, n) => [colour,
        n ? word("norm_broken", { count: n === 3 ? "≥ 3" : n }) : word("norm_kept"),
        count((area) => measured(area) && Math.min(broken(area).length, 3) === n)]);
    }
    const { colours, labels, sides: where } = DATA.classes[state.level][state.by];
    const rows = colours.map((colour, at) => [colour,
      labels[at] + (where[at] < 0 ? ` ▼ ${word("below")}` : where[at] > 0 ? ` ▲ ${word("above")}` : ""),
      count((area) => classOf(area, state.by) === at)]);
    const unknown = count((area) => classOf(area, state.by) === null);
    return unknown ? [...rows, [UNKNOWN, word("unknown"), unknown]] : rows;
  }

  function legend() {
    const figure = state.by === "change" ? "lineage" : state.by;
    const heading = DATA.figures.includes(figure)
      ? word("legend", { level: lower(word(state.level)), figure: word(figure) }) : word(figure);
    const norm = DATA.norms[state.level]?.[state.by];
    const lines = DATA.levels.slice(0, DATA.levels.indexOf(state.level) + 1).map((level) => {
      const { colour, width, dash } = DATA.looks[level];
      const style = { borderTop: `${Math.max(width, 1)}px ${dash ? "dashed" : "solid"} ${colour}` };
      return gridmap.legendRow({ class: "gm-line", style }, word(level));
    });
    byId("gm-legend").replaceChildren(node("h2", { text: heading }),
      norm ? node("p", { text: word("legend_norm", { norm: rangeText(norm) }) }) : "",
      node("ul", {}, ...legendRows().map(([colour, text, count]) => gridmap.legendRow(
        { style: { background: colour, opacity: OPACITY } }, text, word("areas_count", { count }))), ...lines),
      ...DATA.notes.map((text) => node("p", { text })));
  }

  /* ---- lists that lead to the place ---- */
  const { entry, list, openFirst } = gridmap.lists(texts);
  // of twenty that are redrawn together, the map says more than their names
  const few = (names, between) =>
    names.length > FEW + 1 ? word("and_others", { names: names.slice(0, FEW).join(between), count: names.length })
      : names.join(between);
  function titled(event, end, level) {
    const one = sides.find((other) => other.key === end);
    const names = event[end].map((code) => {
      const area = one.found.get(`${level}/${code}`);
      return area ? nameOf(area) : code;
    });
    return names.length ? few(names, word("comma")) : word("nothing");
  }
  function changesList() {
    const events = DATA.events.filter((event) => event.level === state.level);
    const people = events.reduce((sum, event) => sum + (event.households ?? 0), 0);
    const total = areasShown().reduce((sum, area) => sum + (valueOf(area, "households") ?? 0), 0);
    const known = events.some((event) => event.households !== null) && total > 0;
    const share = known ? ((100 * people) / total).toFixed(1) : "";
    const summary = !events.length ? word("changes_none")
      : word(known ? "changes_said" : "changes_uncounted", { count: events.length, households: said(people), share });
    list("gm-changes", word("changes"), summary, events.map((event) => () => {
      const ends = `${titled(event, "old", event.level)} → ${titled(event, "new", event.level)}`;
      const facts = [`${few(event.old, " ")} → ${few(event.new, " ")}`,
        event.households === null ? null : word("moves", { households: said(event.households) }),
        word("passes", { area: said(event.area_m2) })].filter(Boolean);
      return entry(DATA.kinds[event.kind], `${word(`kind_${event.kind}`)}: ${ends}`, facts.join(" · "), () => show(event));
    }));
  }
  function offList() {
    const areas = areasShown().filter((area) => broken(area).length)
      .sort((one, other) => broken(other).length - broken(one).length);
    list("gm-off", word("off_norm"), areas.length ? "" : word("off_norm_none"), areas.map((area) => () =>
      entry(NORM_COLOURS[Math.min(broken(area).length, 3)], nameOf(area),
        broken(area).map((figure) => offText(area, figure)).join("; "), () => showArea(area))));
  }
  function findingsList() {
    list("gm-findings", word("findings"), "", DATA.findings.map((finding) => () =>
      entry("#f97316", finding.called, finding.message, () => {
        gridmap.clearMarks(sides);
        layers.put(["findings"], true);
        gridmap.goTo(MAP, finding.mark.getBounds(), 0.6);
        finding.mark.openPopup(finding.mark.getLayers().at(-1).getLatLng());
      })));
  }

  /* ---- going to a place ---- */
  function show(event) {
    gridmap.clearMarks(sides);
    for (const one of sides) {
      const areas = event[one.key].map((code) => one.found.get(`${event.level}/${code}`)).filter(Boolean);
      if (areas.length) gridmap.mark(one, "polygon", areas.flatMap((area) => SHAPES[area.of.shapes[area.row]]));
      for (const ground of event.ground ?? []) {
        if (ground.length) gridmap.mark(one, "polygon", polygon(ground), { weight: 2, dashArray: "5 4", fill: true,
          fillColor: "#111827", fillOpacity: 0.35 });
      }
    }
    if (event.box) {
      const [west, south, east, north] = event.box;
      gridmap.goTo(MAP, L.latLngBounds([[south, west], [north, east]]), 0.3);
    }
  }
  function showArea(area) {
    gridmap.clearMarks(sides);
    gridmap.mark(right, "polygon", SHAPES[area.of.shapes[area.row]]);
    gridmap.goTo(MAP, area.shape.getBounds(), 0.5);
    openArea(right, area, area.shape.getCenter());
  }

  /* ---- choices ---- */
  function draw() {
    if (!choices().includes(state.by)) state.by = choices()[0];
    gridmap.choice("gm-by", choices(), state.by, (key) => word(key === "change" ? "lineage" : key), 1);
    gridmap.choice("gm-level", DATA.levels, state.level, word, 1);
    gridmap.clearMarks(sides);
    for (const one of sides) {
      gridmap.shade(one, state.level, { shapes: SHAPES, opacity: OPACITY, colourOf, tip, point, click: openArea });
    }
    legend();
    if (DATA.events) changesList();
    if (normed(state.level).length) offList();
    else byId("gm-off").hidden = true;
  }
  gridmap.chosen("gm-by", (by) => {
    state.by = by;
    draw();
  });
  gridmap.chosen("gm-level", (level) => {
    state.level = level;
    draw();
    gridmap.bordersDownTo(sides, DATA.levels, level, layers);
  });

  gridmap.outfit(sides, texts, DATA.captions, DATA.attributions);
  gridmap.whole(sides, DATA.bounds);
  switches();
  draw();
  gridmap.bordersDownTo(sides, DATA.levels, state.level, layers);
  if (DATA.findings) findingsList();
  openFirst(["gm-findings", "gm-changes", "gm-off"]);
  gridmap.whole(sides, DATA.bounds);
  document.body.dataset.ready = "true";
}
