/* The page of a dispute: two sources beside each other, claims and candidates over both, and what they come to. */
const gridmapDisputes = (MAP, DATA) => {
  const texts = gridmap.texts(DATA);
  const { word, number } = texts;
  const { node, byId } = gridmap;
  const side = gridmap.side({ map: MAP, key: "new", levels: {}, looks: {}, shapes: [],
    panes: { left: 250, right: 251, houses: 300, gains: 380, ground: 390, casings: 405, candidates: 410, claims: 420,
      marks: 430 } });
  const sides = [side];
  const colours = new Map(DATA.parties.map((party) => [party.name, party.colour]));
  const OTHER = "#444444";
  const CASING = { color: "#ffffff", opacity: 0.85, interactive: false };
  const THIN = 1.4; // pixels: the 0.3 mm of a plan of claim lines, which may cover anything
  const WIDE = 2.4; // of candidates, so that one below a claim line is still seen on both sides of it
  const now = { left: null, right: null, chosen: null };
  const renderers = {};
  const inPane = (pane) => {
    const name = `gm-${pane}`;
    return { pane: name, renderer: (renderers[pane] ??= L.svg({ pane: name, padding: 0.5 })) };
  };
  const group = (...layers) => L.layerGroup(layers);
  const m2 = (value) => number(value, 1);
  const both = ({ m2: squares, mu }) => word("m2_mu", { m2: m2(squares), mu: number(mu, 3) });
  const tip = (layer, title, ...lines) => layer.bindTooltip(node("div", {}, node("strong", { text: title }),
    ...lines.map((text) => node("small", { text }))), { sticky: true, className: "gm-tip" });
  const colourOf = (party) => colours.get(party) ?? OTHER;

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
  const HATCH = { contested: hatched("#6d28d9", 45), gap: hatched("#4b5563", -45) };
  const groundOf = (kind, pieces) => group(...pieces.map((piece) => tip(L.polygon(piece.polygons, { stroke: false,
    fillColor: HATCH[kind], fillOpacity: 1, smoothFactor: 0, ...inPane("ground") }),
  word(kind), piece.parties ?? "", both(piece))));

  function claimLines() {
    const layers = DATA.parties.flatMap((party) => [
      L.polyline(party.lines, { ...CASING, weight: THIN + 2.4, smoothFactor: 0, ...inPane("casings") }),
      tip(L.polyline(party.lines, { color: party.colour, weight: THIN, dashArray: party.dash, smoothFactor: 0,
        ...inPane("claims") }), word("claim_of", { party: party.name }), both(party))]);
    return group(...layers);
  }

  const label = L.tooltip({ permanent: true, direction: "right", offset: [8, 0], className: "gm-name" });
  const drawn = new Map(); // candidates by their id
  function candidateLines() {
    for (const one of DATA.candidates) {
      const casing = L.polyline(one.lines, { ...CASING, smoothFactor: 0, ...inPane("casings") });
      const line = tip(L.polyline(one.lines, { color: "#111827", smoothFactor: 0, ...inPane("candidates") }), one.id,
        ...(one.source ? [one.source] : []), word("length", { m: number(one.length_m, 1) }));
      line.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        choose(one.id);
      });
      drawn.set(one.id, { casing, line });
    }
    return group(...[...drawn.values()].flatMap(({ casing, line }) => [casing, line]));
  }

  Object.assign(side.layers, { contested: groundOf("contested", DATA.contested), gaps: groundOf("gap", DATA.gaps),
    claims: claimLines(), candidates: candidateLines(), gains: group(), errors: group() });
  if (!DATA.gaps.length) delete side.layers.gaps;
  if (!DATA.contested.length) delete side.layers.contested;
  if (!DATA.candidates.length) ["candidates", "gains"].forEach((key) => delete side.layers[key]);
  if (!DATA.sources.some((one) => one.band?.length)) delete side.layers.errors;

  /* a source on one side of the divider: its picture or parcels, and the band of its error */
  const PARCELS = { color: "#0f766e", weight: 1.4, fillColor: "#5eead4", fillOpacity: 0.14, smoothFactor: 0 };
  const BAND = { color: "#b45309", weight: 0.8, dashArray: "2 3", fillColor: "#f59e0b", fillOpacity: 0.28,
    interactive: false, smoothFactor: 0 };
  const shown = { left: L.layerGroup().addTo(MAP), right: L.layerGroup().addTo(MAP) };
  const bands = { left: L.layerGroup(), right: L.layerGroup() };
  side.layers.errors?.addLayer(bands.left).addLayer(bands.right);
  function put(where, key) {
    now[where] = key;
    const source = DATA.sources[key];
    const on = inPane(where);
    shown[where].clearLayers();
    bands[where].clearLayers();
    if (source?.picture) {
      const [west, south, east, north] = source.picture.bounds;
      L.imageOverlay(source.picture.uri, [[south, west], [north, east]], { pane: on.pane, alt: source.title,
        className: "gm-picture" }).addTo(shown[where]);
    }
    source?.parcels?.shapes.forEach((polygons, row) => tip(L.polygon(polygons, { ...PARCELS, ...on }),
      source.parcels.ids[row] ?? word("unknown"), source.title).addTo(shown[where]));
    if (source?.band?.length) L.polygon(source.band, { ...BAND, ...on }).addTo(bands[where]);
    byId(SELECTS[where]).value = key;
    divider.name({ left: caption(now.left), right: caption(now.right) });
    timeline();
  }
  const errorOf = (source) => (source.error_m === null ? "" : word("plus_minus", { n: number(source.error_m, 2) }));
  function caption(key) {
    const source = DATA.sources[key];
    if (!source) return word("none");
    return [source.title, captureOf(source), errorOf(source)].filter(Boolean).join(" · ");
  }
  const captureOf = ({ capture }) => (capture ? word("captured", { text: capture.text }) : word("capture_not_known"));

  /* the ledger: a candidate is chosen by its name, and again to let it go */
  const swatch = (party) => node("i", { class: "gm-swatch", style: { background: colourOf(party) } });
  function ledger() {
    if (!DATA.candidates.length) {
      byId("gm-ledger").replaceChildren(node("h2", { text: word("ledger") }),
        node("p", { text: word("no_candidates") }));
      return;
    }
    const heads = ["party", "gain", "loss", "net"].map((key) => node("th", { text: word(key), scope: "col" }));
    const area = ([squares, mu], sign = false) => node("td", {}, node("span", { text: signed(squares, 2, sign) }),
      node("small", { text: signed(mu, 3, sign) }));
    const bodies = DATA.candidates.map((one) => {
      const button = node("button", { type: "button", "aria-pressed": "false", "data-candidate": one.id },
        node("strong", { text: one.id }), node("span", { text: one.source ?? "" }));
      button.addEventListener("click", () => choose(now.chosen === one.id ? null : one.id));
      const head = node("tr", {}, node("th", { colspan: 4, scope: "rowgroup" }, button, one.undecided_m2 > 0.005
        && node("small", { class: "gm-off", text: word("undecided", { m2: number(one.undecided_m2, 2) }) })));
      const rows = one.ledger.map((row) => node("tr", {}, node("td", {}, swatch(row.party), row.party),
        area(row.gain), area(row.loss), withError(area(row.net, true), row.error_m2)));
      return node("tbody", {}, head, ...rows);
    });
    byId("gm-ledger").replaceChildren(node("h2", { text: word("ledger") }), node("table", {},
      node("thead", {}, node("tr", {}, ...heads)), ...bodies), node("p", { text: word("ledger_unit") }));
  }
  const signed = (value, digits, sign) => {
    const text = number(Math.abs(value), digits);
    return value < 0 ? `−${text}` : sign && value > 0 ? `+${text}` : text;
  };
  const withError = (cell, error) => {
    if (error) cell.append(node("small", { text: `±${number(error, 1)}` }));
    return cell;
  };

  function choose(id) {
    now.chosen = id;
    for (const [name, { casing, line }] of drawn) {
      const on = name === id;
      casing.setStyle({ weight: on ? 6.5 : WIDE + 2 });
      line.setStyle({ weight: on ? 4 : WIDE, dashArray: on ? null : "6 5" });
      if (on) line.bringToFront();
    }
    side.layers.gains?.clearLayers();
    label.remove();
    const one = DATA.candidates.find((each) => each.id === id);
    for (const { party, polygons } of one?.gains ?? []) {
      tip(L.polygon(polygons, { stroke: false, fillColor: colourOf(party), fillOpacity: 0.32, smoothFactor: 0,
        ...inPane("gains") }), `${id} → ${party}`).addTo(side.layers.gains);
    }
    for (const button of byId("gm-ledger").querySelectorAll("button")) {
      const on = button.dataset.candidate === id;
      button.setAttribute("aria-pressed", String(on));
      button.closest("tbody").classList.toggle("gm-chosen", on);
    }
    const [longest] = (one?.lines ?? []).toSorted((a, b) => b.length - a.length);
    if (longest) label.setLatLng(longest[longest.length >> 1]).setContent(node("span", { text: id })).addTo(MAP);
    objects(one);
  }

  const { entry, list } = gridmap.lists(texts);
  function objects(one) {
    gridmap.clearMarks(sides);
    const box = byId("gm-objects");
    box.hidden = !one?.objects.length;
    if (box.hidden) return;
    const said = (thing) => (thing.cut > 0 ? word("cut", { share: number(100 * thing.cut, 0) })
      : word(thing.side ? "apart" : "apart_only", { m: number(thing.distance_m, 1), side: thing.side }));
    list("gm-objects", word("objects"), null, one.objects.map((thing) => () => entry(null,
      `${word(`kind_${thing.kind}`).replace(/^kind_/, "")} ${thing.id ?? ""}`, said(thing), () => {
        gridmap.clearMarks(sides);
        gridmap.mark(side, "polyline", thing.lines, {});
        MAP.panTo(thing.at, { animate: false });
      })));
    box.open = true;
  }

  function verdicts() {
    const made = DATA.verdicts.map((pair) => node("div", { class: `gm-verdict gm-${pair.verdict}` },
      node("p", {}, swatch(pair.a), swatch(pair.b), node("b", { text: word("between", pair) })),
      node("p", { class: "gm-said", text: pair.said }), pair.assumed && node("p", { text: word("assumed") }),
      node("table", {}, ...pair.measured.map(([name, value]) => node("tr", {}, node("td", { text: word(name) }),
        node("td", { text: value === null ? word("unknown") : word("m", { n: signed(value, 2) }) }))))));
    byId("gm-verdicts").replaceChildren(node("h2", { text: word("verdicts") }),
      ...(made.length ? made : [node("p", { text: word("no_lines") })]));
  }

  /* sources in the order of what they show; an end that nobody knows runs out of the line */
  function timeline() {
    const DATES = ["capture", "release", "scan"];
    const years = DATA.sources.flatMap((one) => DATES.flatMap((name) => one[name]?.years ?? []))
      .filter((year) => year !== null);
    byId("gm-timeline").hidden = !DATA.sources.length;
    if (!DATA.sources.length) return;
    const [first, last] = years.length ? [Math.floor(Math.min(...years)), Math.floor(Math.max(...years)) + 1] : [0, 1];
    const at = (year) => (100 * (year - first)) / (last - first);
    const mark = (name, dates) => {
      if (!dates) return null;
      const [from, to] = dates.years;
      const [west, east] = [from === null ? 0 : at(from), to === null ? 100 : at(to)];
      const open = `${from === null ? " gm-open-left" : ""}${to === null ? " gm-open-right" : ""}`;
      return node("i", { class: `gm-${name}${open}`, style: { left: `${west}%`, width: `${east - west}%` },
        title: word({ release: "released", scan: "scanned" }[name] ?? "captured", dates) });
    };
    const order = DATA.sources.map((_, key) => key).sort((one, other) =>
      begins(DATA.sources[one]) - begins(DATA.sources[other]) || one - other);
    byId("gm-timeline").replaceChildren(node("h2", { text: word("timeline") }),
      node("ol", {}, ...order.map((key) => row(key, mark))), years.length
        ? node("div", { class: "gm-years" }, node("span", { text: first }), node("span", { text: last })) : "",
      node("p", { text: word("timeline_marks") }));
  }
  const begins = ({ capture, release, scan }) =>
    (capture ?? release ?? scan)?.years.find((year) => year !== null) ?? Number.MAX_VALUE;
  function row(key, mark) {
    const source = DATA.sources[key];
    const said = [captureOf(source), source.release && word("released", source.release),
      source.scan && word("scanned", source.scan), errorOf(source)].filter(Boolean).join(" · ");
    const onto = (where) => {
      const button = node("button", { type: "button", text: word(`put_${where}`),
        "aria-pressed": String(now[where] === String(key)), "aria-label": word(`put_${where}_said`, source),
        "data-put": `${where}-${key}` });
      button.addEventListener("click", () => {
        put(where, String(key));
        byId("gm-timeline").querySelector(`[data-put="${where}-${key}"]`).focus();
      });
      return button;
    };
    const seen = KEYS.includes(String(key));
    return node("li", {}, node("div", { class: "gm-source" }, node("b", { text: source.title }),
      node("small", { text: word(`kind_${source.kind}`) }), seen && onto("left"), seen && onto("right")),
    node("div", { class: "gm-track" }, mark("capture", source.capture), source.capture?.certain
      && mark("certain", { ...source.capture, years: source.capture.certain }), mark("release", source.release),
    mark("scan", source.scan)),
    node("small", { text: said }));
  }

  function legend() {
    const line = (colour, dash) => ({ class: "gm-line",
      style: { borderTop: `2px ${dash ? "dashed" : "solid"} ${colour}` } });
    const hatch = (kind) => ({ class: `gm-hatch-${kind}` });
    const rows = DATA.parties.map((party) =>
      gridmap.legendRow(line(party.colour, party.dash), word("claim_of", { party: party.name }), both(party)));
    const sum = (pieces) => pieces.reduce((all, one) => ({ m2: all.m2 + one.m2, mu: all.mu + one.mu }),
      { m2: 0, mu: 0 });
    for (const [kind, pieces] of [["contested", DATA.contested], ["gap", DATA.gaps]]) {
      if (pieces.length) rows.push(gridmap.legendRow(hatch(kind), word(kind), both(sum(pieces))));
    }
    if (DATA.candidates.length) rows.push(gridmap.legendRow(line("#111827", true), word("candidate")));
    if (side.layers.errors) rows.push(gridmap.legendRow({ class: "gm-band" }, word("error_band")));
    byId("gm-legend").replaceChildren(node("h2", { text: word("ground") }), node("ul", {}, ...rows));
  }

  const KEYS = DATA.sources.flatMap((one, key) => (one.picture || one.parcels ? [String(key)] : []));
  const SELECTS = { left: "gm-by", right: "gm-level" };
  const panes = ["left", "right"].map((name) => MAP.getPane(`gm-${name}`));
  const divider = gridmap.swipe(MAP, panes, texts);
  if (!KEYS.length) divider.hide();
  gridmap.outfit(sides, texts, {});
  gridmap.backdrops(sides, DATA.backdrops, { buildings: { ...inPane("houses"), color: "#374151", weight: 0.8,
    fillColor: "#9ca3af", fillOpacity: 0.35 } });
  const layers = gridmap.layers(sides);
  for (const key of ["claims", "contested", "gaps", "candidates", "gains", "errors", "buildings"]) {
    layers.add(word(`${key}_layer`), [key], true);
  }
  for (const [where, id] of Object.entries(SELECTS)) {
    const keys = [...KEYS, "none"];
    const first = where === "left" ? keys[0] : keys[Math.max(KEYS.length - 1, 0)];
    gridmap.choice(id, keys, gridmap.asked(where, keys, first),
      (key) => (key === "none" ? word("none") : DATA.sources[key].title));
    gridmap.chosen(id, (key) => put(where, key));
  }
  ledger();
  verdicts();
  legend();
  for (const [where, id] of Object.entries(SELECTS)) put(where, byId(id).value);
  choose(null);
  if (DATA.notes.length) list("gm-notes", word("notes"), null, DATA.notes.map((text) => () => node("li", { text })));
  gridmap.whole(sides, DATA.bounds);
  document.body.dataset.ready = "true";
};
