/* Checkpoints and the sign-ins there, at the place of the slider. */
gridmap.signins = (() => {
  const [DONE, SOME, NONE, OTHER] = ["#009e73", "#e69f00", "#d55e00", "#cc79a7"];
  const COLOURS = { on_time: DONE, out_of_order: DONE, early: "#f0e442", late: SOME, missed: NONE, not_due: "#fff",
    all_done: DONE, some_done: SOME, none_done: NONE };

  /* GIVEN: rows of checkpoints, and sign-ins; STATUSES their words, COUNTED those that count by number;
     CHOSEN(shift) tells which shifts the slider means, SINGLE() whether that is one alone */
  return ({ rows, signins }, { word, number }, { statuses, counted, chosen, single }) => {
    const all = rows.map(() => []);
    for (const [checkpoint, ...scan] of signins) all[checkpoint].push(scan);
    const shown = (n) => all[n].filter(([shift]) => chosen(shift));

    /* of one shift a sign-in that counts, or else the first; of several, in how many of them one counts */
    function statusOf(n) {
      const scans = shown(n);
      if (!scans.length) return "not_due";
      if (single()) return statuses[(scans.find(([, status]) => counted.includes(status)) ?? scans[0])[1]];
      const { due, done } = completion([n]);
      return done === due ? "all_done" : done ? "some_done" : "none_done";
    }
    /* shifts in which something was due at a checkpoint, and those in which it was done */
    function completion(numbers = [...rows.keys()]) {
      const [due, done] = [new Set(), new Set()];
      for (const n of numbers) {
        for (const [shift, status] of shown(n)) {
          due.add(`${n}/${shift}`);
          if (counted.includes(status)) done.add(`${n}/${shift}`);
        }
      }
      return { due: due.size, done: done.size };
    }

    const title = ({ name, id }) => name ?? id;
    const line = (name, text) => gridmap.node("tr", {}, gridmap.node("td", { text: name }), gridmap.node("td", { text }));
    function card(row, n) {
      const scans = shown(n);
      const told = single()
        ? scans.map(([, status, post, time]) => line(word(statuses[status]), [post, time].filter(Boolean).join(" · ")))
        : statuses.map((status, at) => [status, scans.filter((scan) => scan[1] === at).length])
          .filter(([, count]) => count).map(([status, count]) => line(word(status), number(count)));
      return gridmap.node("div", { class: "gm-popup" }, gridmap.node("strong", { text: title(row) }),
        row.name && gridmap.node("small", { text: row.id }),
        told.length ? gridmap.node("table", {}, gridmap.node("tbody", {}, ...told))
          : gridmap.node("p", { text: word("not_due") }));
    }
    const renderer = L.svg({ pane: "gm-checkpoints" });
    const marks = rows.map((row, n) => L.circleMarker([row.at[1], row.at[0]], { radius: 6, color: "#111827", weight: 1.5,
      fillOpacity: 1, pane: "gm-checkpoints", renderer })
      .bindTooltip(() => gridmap.node("span", { text: `${title(row)}: ${word(statusOf(n))}` }))
      .bindPopup(() => card(row, n), { maxWidth: 360 }));

    function legend() {
      const at = marks.map((_, n) => statusOf(n));
      return [...new Set(at)].map((status) => gridmap.legendRow({ class: "gm-mark", style: { background: colour(status) } },
        `${word("checkpoints_layer")}: ${word(status)}`, number(at.filter((one) => one === status).length)));
    }
    const colour = (status) => COLOURS[status] ?? OTHER;
    const draw = () => marks.forEach((mark, n) => mark.setStyle({ fillColor: colour(statusOf(n)) }));
    return { layer: L.layerGroup(marks), draw, legend, completion };
  };
})();
