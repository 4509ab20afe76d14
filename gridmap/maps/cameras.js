/* The map of cameras: MAP is the map that folium made, DATA what gridmap.maps.camera_contents wrote. */
function gridmapCameras(MAP, DATA) {
  const UNKNOWN = "#eef2f6";
  const OPACITY = 0.9;
  const MANY_BLIND = 500; // stretches above which a broad line would hide the map
  const BLIND = "#dc2626";
  const PANES = { shaded: 410, buildings: 412, barriers: 413, streets: 414, blind: 416, ground: 418, borders: 422,
    marks: 440 };
  const STYLES = {
    // darker than the darkest area: seen where little else is
    buildings: { pane: "gm-buildings", drawn: gridmap.filled, fillColor: "#4a433d", fillOpacity: 0.72 },
    streets: { pane: "gm-streets", color: "#fff", weight: 1.2, fill: false },
    main: { pane: "gm-streets", color: "#fff", weight: 2.6, fill: false },
    rivers: { pane: "gm-barriers", color: "#93b4e8", weight: 3, fill: false },
    railways: { pane: "gm-barriers", color: "#4b5563", weight: 1.6, dashArray: "7 5", fill: false },
  };
  const { node, byId, path } = gridmap;
  const texts = gridmap.texts(DATA);
  const { word, number, metres, squares, percent } = texts;
  const GROUND = DATA.shapes.map((polygons) => gridmap.decoded(polygons.flat()));
  const SHAPES = DATA.area_shapes.map(gridmap.polygon);

  /* ---- what is shown ---- */
  const state = {
    level: gridmap.asked("level", DATA.levels, DATA.start.level),
    chosen: null,
    band: new Set(DATA.bands.keys()),
    certainty: new Set(DATA.certainties.keys()),
    layer: new Set(),
  };
  const choices = () => ["none", ...DATA.bands.filter((band) => DATA.areas[state.level]?.classes[band])];
  state.by = gridmap.asked("by", choices(), DATA.start.by);
  const isOn = (what, key) => state[what].has(key);

  /* ---- one map ---- */
  function side(map, key) {
    const levels = Object.fromEntries(DATA.levels.map((level) => [level, DATA.areas[level]]));
    const one = gridmap.side({ map, key, panes: PANES, levels, looks: DATA.looks, shapes: SHAPES });
    const given = DATA.sides[key];
    const rows = DATA.certainties.map(() => DATA.bands.map(() => []));
    const { cameras, cameraOf } = camerasOf(given, rows);
    const ground = gridmap.ground({ pane: "gm-ground", cameras, rows, isOn, bands: DATA.bands,
      certainties: DATA.certainties, colours: DATA.colours, opacities: DATA.opacities, chosen: () => state.chosen });
    if (given.blind.rows.length) one.layers.blind = blindLines(given.blind.rows);
    ground.addTo(map);
    Object.assign(one, { given, cameras, cameraOf, ground });
    map.on("click", (event) => cameraClicked(one, event.latlng));
    map.on("mousemove", (event) => {
      map.getContainer().style.cursor = ground.cameraAt(event.latlng) ? "pointer" : "";
    });
    return one;
  }

  /* cameras with what they see: square metres by certainty and band, and the shapes of it */
  function camerasOf(given, rows) {
    const cameraOf = new Map();
    const cameras = given.cameras.map((camera) => {
      const one = { ...camera, x: gridmap.mercatorX(camera.at[0]), y: gridmap.mercatorY(camera.at[1]),
        m2: {}, shapes: [], possible: false };
      cameraOf.set(camera.id, one);
      return one;
    });
    const { camera: ids, band, certainty, m2, shape } = given.ground;
    ids.forEach((id, row) => {
      rows[certainty[row]][band[row]].push(GROUND[shape[row]]);
      const one = cameraOf.get(id);
      if (!one) return;
      (one.m2[certainty[row]] ??= DATA.bands.map(() => 0))[band[row]] += m2[row];
      one.shapes.push(GROUND[shape[row]]);
    });
    const possible = DATA.certainties.indexOf("possible");
    for (const one of cameras) {
      const known = Object.keys(one.m2).map(Number);
      one.possible = known.length ? known.every((at) => at === possible) : one.kind !== "fisheye" && one.heading_deg === null;
    }
    return { cameras, cameraOf };
  }

  function blindLines(rows) {
    return L.polyline(rows.flatMap((row) => row.lines.map(path)), { color: BLIND, interactive: false, pane: "gm-blind",
      weight: rows.length > MANY_BLIND ? 1.5 : 2.5, smoothFactor: 0.5 });
  }

  /* ---- areas and their shares ---- */
  const nameOf = (area) => area.of.names[area.row];
  const sharesOf = (area, key = area.side) => area.of.shares[key];
  const percentOf = (area, band, key = area.side) =>
    sharesOf(area, key).percent[area.row][DATA.bands.indexOf(band)];
  const listed = () => (state.by === "none" ? "seen" : state.by);

  function colourOf(area) {
    if (state.by === "none") return UNKNOWN;
    const at = sharesOf(area).classes[state.by]?.[area.row];
    return at === null || at === undefined ? UNKNOWN : area.of.classes[state.by].colours[at];
  }

  function areaTip(area) {
    return node("div", {}, node("strong", { text: nameOf(area) }),
      node("div", { text: `${word(`share_${listed()}`)}: ${percent(percentOf(area, listed()))}` }));
  }

  const openArea = (one, area, at) => gridmap.card(one, at, areaCard(area), { minWidth: 260 });
  function areaClicked(one, area, at) {
    if (!cameraClicked(one, at)) openArea(one, area, at);
  }

  function areaCard(area) {
    const rows = sharesOf(area).rows[area.row];
    const titles = ["band", "ground", "share", "share_guaranteed", "share_possible"];
    const known = titles.filter((_, at) => at < 2 || rows.some((row) => row[at - 1] !== null));
    const line = (name, values, options) => node("tr", options, node("td", { text: name }),
      ...known.slice(1).map((title) => cell(title, values[titles.indexOf(title) - 1], options["data-band"])));
    const sum = titles.slice(1).map((_, at) => (rows.every((row) => row[at] === null) ? null
      : rows.reduce((total, row) => total + (row[at] ?? 0), 0)));
    return node("div", { class: "gm-popup" }, node("strong", { text: nameOf(area) }),
      node("small", { text: `${word("code")} ${area.of.codes[area.row]}` }),
      rows.every((row) => row[0] === null && row[1] === null) ? node("p", { text: word("nothing_known") })
        : node("table", {}, node("thead", {}, node("tr", {}, ...known.map((title) => node("td", { text: word(title) })))),
          node("tbody", {}, ...DATA.bands.map((band, at) => line(word(band), rows[at], { "data-band": band })),
            line(word("all_bands"), sum, { class: "gm-sum", "data-band": "all" }))));
  }
  function cell(title, value, band) {
    if (title === "ground") return node("td", { text: squares(value), "data-m2": value ?? "" });
    const text = value === null ? "–" : percent(100 * value);
    return node("td", { text, "data-band": band, [`data-${title.replace("_", "-")}`]: value ?? "" });
  }

  /* ---- cameras ---- */
  function cameraClicked(one, latlng) {
    const camera = one.ground.cameraAt(latlng);
    if (!camera && state.chosen === null) return false;
    choose(camera?.id ?? null);
    if (camera) openCamera(one, camera);
    return Boolean(camera);
  }
  function choose(id) {
    state.chosen = id;
    for (const one of sides) one.ground.draw();
  }
  function openCamera(one, camera) {
    gridmap.card(one, [camera.at[1], camera.at[0]], cameraCard(camera), { maxWidth: 340, offset: [0, -4] })
      .on("remove", () => choose(null));
  }
  function headingText(camera) {
    if (camera.possible) return word("possible_only");
    if (camera.heading_deg !== null) return word("degrees", { n: camera.heading_deg });
    return camera.octant ? word("octant", { octant: camera.octant }) : word("all_round");
  }
  function cameraCard(camera) {
    const facts = [["kind", camera.kind && word(camera.kind)], ["status", camera.status && word(camera.status)],
      ["heading", headingText(camera)], ["height", camera.height_m === null ? null : word("m", { n: camera.height_m })]];
    const known = [...DATA.certainties.keys()].filter((at) => camera.m2[at]);
    const head = node("tr", {}, node("td", { text: word("band") }),
      ...known.map((at) => node("td", { text: word(DATA.certainties[at]) })));
    const line = (name, value, options = {}) => node("tr", options, node("td", { text: name }),
      ...known.map((at) => node("td", { text: squares(value(camera.m2[at])) })));
    return node("div", { class: "gm-popup", "data-camera": camera.id }, node("strong", { text: camera.id }),
      camera.code && node("small", { text: camera.code }),
      node("table", {}, node("tbody", {}, ...facts.filter(([, text]) => text).map(([name, text]) =>
        node("tr", {}, node("td", { text: word(name) }), node("td", { text }))))),
      camera.status === "offline" && !known.length && node("p", { class: "gm-warn", text: word("not_counted") }),
      known.length ? node("table", {}, node("thead", {}, head), node("tbody", {},
        ...DATA.bands.map((band, at) => line(word(band), (m2) => m2[at])),
        line(word("all_bands"), (m2) => m2.reduce((sum, one) => sum + one, 0), { class: "gm-sum" })))
        : node("p", { text: word("sees_nothing") }));
  }

  /* ---- the maps ---- */
  const sides = gridmap.sides(MAP, DATA.sides.old, side);
  const right = sides.at(-1);
  const areasShown = () => right.areas[state.level] ?? [];
  gridmap.backdrops(sides, DATA.backdrops, STYLES);

  /* ---- layers that can be put on and off ---- */
  const layers = gridmap.layers(sides);
  function switches() {
    if (sides.some((one) => one.cameras.length)) {
      state.layer.add("cameras");
      layers.custom(word("cameras_layer"), true, (on) => toggled("layer", "cameras", on), "cameras");
    }
    layers.add(word("blind_layer"), ["blind"], true);
    gridmap.usualLayers(layers, texts, DATA.levels)();
  }
  function toggled(what, key, on) {
    on ? state[what].add(key) : state[what].delete(key);
    for (const one of sides) one.ground.draw();
  }

  /* ---- legends ---- */
  function bandsLegend() {
    const used = [...DATA.certainties.keys()].filter((certainty) =>
      sides.some((one) => one.given.ground.certainty.includes(certainty)));
    if (!used.length) return;
    const head = used.map((at) => node("th", {}, gridmap.tick(word(DATA.certainties[at]), true,
      (on) => toggled("certainty", at, on), { "data-certainty": DATA.certainties[at] })));
    const rows = DATA.bands.map((band, at) => node("tr", {}, node("th", {}, gridmap.tick(word(band), true,
      (on) => toggled("band", at, on), { "data-band": band })), ...used.map((certainty) => node("td", {},
      node("i", { style: { background: DATA.colours[band], opacity: DATA.opacities[DATA.certainties[certainty]] } })))));
    byId("gm-bands").replaceChildren(node("h2", { text: word("legend") }),
      node("table", { class: "gm-bands" }, node("thead", {}, node("tr", {}, node("th"), ...head)),
        node("tbody", {}, ...rows)),
      node("p", { text: word("certainty_said") }), marks());
  }
  function marks() {
    const cameras = right.cameras;
    const kinds = [["mark_known", "#111827", (one) => one.status !== "offline" && !one.possible],
      ["mark_possible", "#fff", (one) => one.status !== "offline" && one.possible],
      ["mark_offline", "#b91c1c", (one) => one.status === "offline"]];
    return node("ul", {}, ...kinds.map(([key, colour, test]) => [key, colour, cameras.filter(test).length])
      .filter(([, , count]) => count).map(([key, colour, count]) => gridmap.legendRow({ class: "gm-mark",
        style: { background: colour } }, `${word("cameras_layer")}: ${word(key)}`,
      word("cameras_count", { count: number(count) }))),
    right.given.blind.rows.length && gridmap.legendRow({ class: "gm-line", style: { borderTop: `3px solid ${BLIND}` } },
      word("blind_layer")));
  }
  const sharesLegend = () => gridmap.sharesLegend(texts, word("legend_shares", { figure: word(`share_${state.by}`) }),
    DATA.areas[state.level]?.classes[state.by], areasShown().map((area) => sharesOf(area).classes[state.by]?.[area.row]), UNKNOWN);

  /* ---- lists that lead to the place ---- */
  const lists = gridmap.lists(texts);
  const { entry, list } = lists;
  function blindList() {
    const { rows, more, length_m: all } = right.given.blind;
    if (!rows.length) return;
    const summary = all === null ? "" : word("blind_said", { count: number(rows.length + more), metres: number(all) });
    list("gm-blind", word("blind"), summary, rows.map((row) => () => entry(BLIND, row.name ?? word("unnamed"),
      [row.length_m === null ? null : metres(row.length_m), row.class, row.id].filter(Boolean).join(" · "),
      () => show(row.lines.map(path)))), rows.length + more);
  }
  const areasList = () => gridmap.areasList(texts, lists, { areas: areasShown(), two: sides.length > 1,
    summary: word(`share_${listed()}`), percentOf: (area, key) => percentOf(area, listed(), key), colourOf, nameOf, go: showArea });
  function camerasChanged() {
    if (sides.length < 2) return;
    const before = sides[0].cameraOf;
    const rows = [];
    for (const camera of right.cameras) {
      const was = before.get(camera.id);
      const said = was ? difference(was, camera) : word("camera_came");
      if (said) rows.push([camera, said, right]);
    }
    for (const camera of sides[0].cameras) {
      if (!right.cameraOf.has(camera.id)) rows.push([camera, word("camera_gone"), sides[0]]);
    }
    if (!right.cameras.length && !sides[0].cameras.length) return;
    list("gm-changed", word("cameras_change"), rows.length ? "" : word("changes_none"), rows.map(([camera, said, one]) => () =>
      entry(null, camera.id, said, () => showCamera(one, camera))));
  }
  function difference(was, now) {
    return [
      was.status !== now.status && word("camera_status", { old: word(was.status ?? "unknown"), new: word(now.status ?? "unknown") }),
      (was.at[0] !== now.at[0] || was.at[1] !== now.at[1]) && word("camera_moved"),
      was.heading_deg !== now.heading_deg && word("camera_turned"),
    ].filter(Boolean).join(" · ");
  }

  /* ---- going to a place ---- */
  function show(lines) {
    gridmap.clearMarks(sides);
    for (const one of sides) gridmap.mark(one, "polyline", lines, { weight: 7, opacity: 0.7 });
    gridmap.goTo(MAP, L.latLngBounds(lines.flat()), 0.6);
  }
  function showArea(area) {
    gridmap.clearMarks(sides);
    gridmap.goTo(MAP, area.shape.getBounds(), 0.2);
    openArea(right, area, area.shape.getCenter());
  }
  function showCamera(one, camera) {
    gridmap.clearMarks(sides);
    MAP.setView([camera.at[1], camera.at[0]], Math.max(MAP.getZoom(), 17), { animate: false });
    choose(camera.id);
    openCamera(one, camera);
  }

  /* ---- choices ---- */
  function draw() {
    if (!choices().includes(state.by)) state.by = choices().at(-1);
    gridmap.choice("gm-by", choices(), state.by, (key) => word(`share_${key}`));
    gridmap.choice("gm-level", DATA.levels, state.level, word);
    gridmap.clearMarks(sides);
    for (const one of sides) {
      gridmap.shade(one, state.level, { shapes: SHAPES, opacity: OPACITY, colourOf, tip: areaTip, click: areaClicked });
    }
    sharesLegend();
    areasList();
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

  gridmap.outfit(sides, texts, DATA.captions);
  gridmap.whole(sides, DATA.bounds);
  switches();
  bandsLegend();
  byId("gm-notes").replaceChildren(...DATA.notes.map((text) => node("p", { text })));
  draw();
  gridmap.bordersDownTo(sides, DATA.levels, state.level, layers);
  camerasChanged();
  blindList();
  lists.openFirst(["gm-changed", "gm-areas", "gm-blind"]);
  gridmap.whole(sides, DATA.bounds);
  for (const one of sides) one.ground.draw();
  document.body.dataset.ready = "true";
}
