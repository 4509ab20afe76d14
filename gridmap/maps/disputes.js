/* The page of a dispute: two sources beside each other, claims and candidates over both, and what they come to. */
const gridmapDisputes = (MAP, DATA) => {
  const texts = gridmap.texts(DATA);
  const { word, number } = texts;
  const { node, byId } = gridmap;
  const side = gridmap.side({ map: MAP, key: "new", levels: {}, looks: {}, shapes: [],
    panes: { left: 250, right: 251, houses: 300, things: 310, gains: 380, ground: 390, casings: 405, candidates: 410,
      claims: 420, marks: 430 } });
  const sides = [side];
  const SELECTS = { left: "gm-by", right: "gm-level" };
  const KEYS = DATA.sources.flatMap((one, key) => (one.picture || one.parcels ? [String(key)] : []));
  const colours = new Map(DATA.parties.map((party) => [party.name, party.colour]));
  const colourOf = (party) => colours.get(party) ?? "#444444";
  const CASING = { color: "#ffffff", opacity: 0.85, interactive: false };
  const THIN = 1.4; // pixels: the 0.3 mm of a plan of claim lines, which may cover anything
  const WIDE = 2.4; // of candidates, so that one below a claim line is still seen on both sides of it
  const now = { left: null, right: null, chosen: null };
  const renderers = {};
  const inPane = (pane) => {
    const name = `gm-${pane}`;
    return { pane: name, renderer: (renderers[pane] ??= L.svg({ pane: name, padding: 0.5 })), smoothFactor: 0 };
  };
  const group = (...layers) => L.layerGroup(layers);
  const both = ({ m2, mu }) => word("m2_mu", { m2: number(m2, 1), mu: number(mu, 3) });
  const tip = (layer, title, ...lines) => layer.bindTooltip(node("div", {}, node("strong", { text: title }),
    ...lines.filter(Boolean).map((text) => node("small", { text }))), { sticky: true, className: "gm-tip" });
  const called = ({ kind, id }) => `${word(`object_${kind}`).replace(/^object_/, "")} ${id ?? ""}`.trim();

  /* ground: hatched, so that the picture below is seen; the hatch is a shape of the page, never a file */
  function hatched(colour, turn) {
    const svg = (name, given, ...children) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
      made.append(...children);
      return made;
    };
    const id = `gm-hatch${turn}`;
    const hatch = svg("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse",
      patternTransform: `rotate(${turn})` }, svg("rect", { width: 7, height: 7, fill: colour, "fill-opacity": 0.12 }),
    svg("line", { x1: 0, y1: 0, x2: 0, y2: 7, stroke: colour, "stroke-width": 2.4 }));
    document.body.append(svg("svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" }, hatch));
    return `url(#${id})`;
  }
  const groundOf = (kind, pieces, fillColor) => group(...pieces.map((piece) => tip(L.polygon(piece.polygons,
    { stroke: false, fillColor, fillOpacity: 1, ...inPane("ground") }), word(kind), piece.parties, both(piece))));

  const claimLines = () => group(...DATA.parties.flatMap((party) => [
    L.polyline(party.lines, { ...CASING, weight: THIN + 2.4, ...inPane("casings") }),
    tip(L.polyline(party.lines, { color: party.colour, weight: THIN, dashArray: party.dash, ...inPane("claims") }),
      word("claim_of", { party: party.name }), both(party))]));

  const drawn = new Map(); // candidates by their id
  function candidateLines() {
    for (const one of DATA.candidates) {
      const casing = L.polyline(one.lines, { ...CASING, ...inPane("casings") });
      const line = tip(L.polyline(one.lines, { color: "#111827", ...inPane("candidates") }), one.id, one.source,
        word("length", { m: number(one.length_m, 1) }));
      line.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        choose(one.id);
      });
      drawn.set(one.id, { casing, line });
    }
    return group(...[...drawn.values()].flatMap(({ casing, line }) => [casing, line]));
  }

  const THING = { color: "#14532d", weight: 1.6, fillColor: "#4ade80", fillOpacity: 0.9, radius: 4.5 };
  const things = () => group(...DATA.objects.flatMap((one) => [
    ...one.lines.map((path) => L.polyline(path, { ...THING, ...inPane("things") })),
    ...one.points.map((at) => L.circleMarker(at, { ...THING, ...inPane("things") }))]
    .map((layer) => tip(layer, called(one)))));

  const THERE = { contested: DATA.contested.length && groundOf("contested", DATA.contested, hatched("#6d28d9", 45)),
    gaps: DATA.gaps.length && groundOf("gap", DATA.gaps, hatched("#4b5563", -45)), claims: claimLines(),
    candidates: DATA.candidates.length && candidateLines(), gains: DATA.candidates.length && group(),
    errors: DATA.sources.some((one) => one.band?.length) && group(), things: DATA.objects.length && things() };
  for (const [key, layer] of Object.entries(THERE)) if (layer) side.layers[key] = layer;

  /* a source on one side of the divider: its picture or parcels, and the band of its error */
  const PARCELS = { color: "#0f766e", weight: 1.4, fillColor: "#5eead4", fillOpacity: 0.14 };
  const BAND = { color: "#b45309", weight: 0.8, dashArray: "2 3", fillColor: "#f59e0b", fillOpacity: 0.28,
    interactive: false };
  const PIN = { radius: 3.5, color: "#7c2d12", weight: 1.4, fillColor: "#fff", fillOpacity: 1 };
  const shown = { left: L.layerGroup().addTo(MAP), right: L.layerGroup().addTo(MAP) };
  const bands = { left: L.layerGroup(), right: L.layerGroup() };
  side.layers.errors?.addLayer(bands.left).addLayer(bands.right);
  const epochs = gridmap.epochs(DATA, texts);

  function draw(where, change) {
    const source = DATA.sources[now[where]];
    const on = inPane(where);
    shown[where].clearLayers();
    bands[where].clearLayers();
    if (source?.picture) {
      const [west, south, east, north] = source.picture.bounds;
      L.imageOverlay(source.picture.uri, [[south, west], [north, east]], { pane: on.pane, alt: source.title,
        className: "gm-picture" }).addTo(shown[where]);
    }
    source?.parcels?.shapes.forEach((polygons, row) => {
      const kind = change?.kindOf(now[where], source.parcels.ids[row]);
      const look = change && kind !== "unchanged" ? { fillColor: DATA.kinds[kind], fillOpacity: 0.45 } : {};
      tip(L.polygon(polygons, { ...PARCELS, ...look, ...on }), source.parcels.ids[row] ?? word("unknown"), source.title,
        word("m2", { n: number(source.parcels.m2[row], 1) }), kind && word(`became_${kind}`)).addTo(shown[where]);
    });
    if (source?.band?.length) L.polygon(source.band, { ...BAND, ...on }).addTo(bands[where]);
    for (const [lat, lon, metres] of source?.control ?? []) {
      tip(L.circleMarker([lat, lon], { ...PIN, ...on }), word("control_point"),
        word("left_out", { n: number(metres, 2) })).addTo(bands[where]);
    }
  }

  function put(where, key) {
    now[where] = key;
    const change = epochs.between(now);
    for (const each of Object.keys(SELECTS)) draw(each, change);
    byId(SELECTS[where]).value = key;
    divider.name({ left: line.caption(now.left), right: line.caption(now.right) });
    line.show(now);
    changed(change);
    legend(change);
  }

  function changed(change) {
    gridmap.clearMarks(sides);
    const box = byId("gm-changes");
    box.hidden = !change;
    if (!change) return;
    list("gm-changes", word("changes"), change.events.length ? null : word("no_changes"), change.events.map((event) => () => {
      const { title, more } = epochs.said(event);
      return entry(DATA.kinds[event.kind], title, more, () => {
        gridmap.clearMarks(sides);
        const shapes = epochs.shapesOf(change, event);
        gridmap.mark(side, "polygon", shapes, {});
        MAP.fitBounds(L.latLngBounds(shapes.flat(2)).pad(0.2), { animate: false });
      });
    }));
    box.open = true;
  }

  const middle = (path) => L.latLngBounds(path.slice((path.length - 1) >> 1, (path.length >> 1) + 1)).getCenter();
  const label = L.tooltip({ permanent: true, direction: "right", offset: [8, 0], className: "gm-name" });
  function choose(id) {
    now.chosen = id;
    for (const [name, { casing, line: stroke }] of drawn) {
      const on = name === id;
      casing.setStyle({ weight: on ? 6.5 : WIDE + 2 });
      stroke.setStyle({ weight: on ? 4 : WIDE, dashArray: on ? null : "6 5" });
      if (on) stroke.bringToFront();
    }
    side.layers.gains?.clearLayers();
    label.remove();
    const one = DATA.candidates.find((each) => each.id === id);
    for (const { party, polygons } of one?.gains ?? []) {
      tip(L.polygon(polygons, { stroke: false, fillColor: colourOf(party), fillOpacity: 0.32, ...inPane("gains") }),
        `${id} → ${party}`).addTo(side.layers.gains);
    }
    booked(id);
    const [longest] = (one?.lines ?? []).toSorted((a, b) => b.length - a.length);
    if (longest) label.setLatLng(middle(longest)).setContent(node("span", { text: id })).addTo(MAP);
    touched(one);
  }

  const { entry, list } = gridmap.lists(texts);
  function touched(one) {
    gridmap.clearMarks(sides);
    const box = byId("gm-objects");
    box.hidden = !one?.objects.length;
    if (box.hidden) return;
    const said = (thing) => (thing.cut > 0 ? word("cut", { share: number(100 * thing.cut, 0) })
      : word(thing.side ? "apart" : "apart_only", { m: number(thing.distance_m, 1), side: thing.side }));
    list("gm-objects", word("objects"), null, one.objects.map((thing) => () => entry(null, called(thing), said(thing),
      () => {
        gridmap.clearMarks(sides);
        gridmap.mark(side, "polyline", thing.lines, {});
        MAP.panTo(thing.at, { animate: false });
      })));
    box.open = true;
  }

  function legend(change) {
    const stroke = (colour, dash) => ({ class: "gm-line",
      style: { borderTop: `2px ${dash ? "dashed" : "solid"} ${colour}` } });
    const sum = (pieces) => pieces.reduce((all, one) => ({ m2: all.m2 + one.m2, mu: all.mu + one.mu }),
      { m2: 0, mu: 0 });
    const rows = DATA.parties.map((party) => [stroke(party.colour, party.dash), word("claim_of", { party: party.name }),
      both(party)]);
    for (const [kind, pieces] of [["contested", DATA.contested], ["gap", DATA.gaps]]) {
      if (pieces.length) rows.push([{ class: `gm-hatch-${kind}` }, word(kind), both(sum(pieces))]);
    }
    if (DATA.candidates.length) rows.push([stroke("#111827", true), word("candidate")]);
    if (side.layers.errors) rows.push([{ class: "gm-band" }, word("error_band")]);
    if (DATA.sources.some((one) => one.control?.length)) rows.push([{ class: "gm-pin" }, word("control_point")]);
    const kinds = new Set(change?.events.map((event) => event.kind));
    for (const kind of kinds) rows.push([{ style: { background: DATA.kinds[kind] } }, word(`became_${kind}`)]);
    byId("gm-legend").replaceChildren(node("h2", { text: word("ground") }),
      node("ul", {}, ...rows.map((row) => gridmap.legendRow(...row))));
  }

  const divider = gridmap.swipe(MAP, Object.keys(SELECTS).map((name) => MAP.getPane(`gm-${name}`)), texts);
  if (!KEYS.length) divider.hide();
  gridmap.outfit(sides, texts, {});
  gridmap.backdrops(sides, DATA.backdrops, { buildings: { ...inPane("houses"), color: "#374151", weight: 0.8,
    fillColor: "#9ca3af", fillOpacity: 0.35 } });
  const layers = gridmap.layers(sides);
  for (const key of ["claims", "contested", "gaps", "candidates", "gains", "errors", "buildings", "things"]) {
    layers.add(word(`${key}_layer`), [key], true);
  }
  const line = gridmap.timeline(DATA, KEYS, texts, put);
  byId("gm-timeline").after(byId("gm-changes"));
  const booked = gridmap.ledger(DATA, texts, colourOf, choose);
  gridmap.verdicts(DATA, texts, colourOf);

  /* the oldest on the left, the newest on the right; one alone beside the plain ground */
  const first = { left: line.order[0] ?? "none", right: line.order.length > 1 ? line.order.at(-1) : "none" };
  const keys = [...KEYS, "none"];
  for (const [where, id] of Object.entries(SELECTS)) {
    gridmap.choice(id, keys, gridmap.asked(where, keys, first[where]), (key) => line.caption(key)[0]);
    gridmap.chosen(id, (key) => put(where, key));
    now[where] = byId(id).value;
  }
  for (const where of Object.keys(SELECTS)) put(where, now[where]);
  choose(null);
  if (DATA.notes.length) list("gm-notes", word("notes"), null, DATA.notes.map((text) => () => node("li", { text })));
  gridmap.whole(sides, DATA.bounds);
  document.body.dataset.ready = "true";
};
