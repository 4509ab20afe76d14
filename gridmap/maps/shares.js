/* Shares of areas: their legend, and the list of them, those of least share or of greatest change first. */

gridmap.changeText = ({ word, number, percent }, before, now) => {
  const ends = word("from_to", { old: percent(before), new: percent(now) });
  // from what is not known there is no change that could be told
  if (before === null) return gridmap.node("small", { text: ends });
  const change = now - before;
  const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
  const points = word("points", { n: `${sign}${number(Math.abs(change), 1)}` });
  return gridmap.node("small", { text: `${ends} (${points})`, class: change > 0 ? "gm-up" : change < 0 ? "gm-down" : "" });
};

/* CLASSES: colours and labels; AT: the class of each area, null where nothing is known, which has a colour too */
gridmap.sharesLegend = ({ word }, title, classes, at, unknownColour) => {
  if (!classes) {
    gridmap.byId("gm-legend").replaceChildren();
    return;
  }
  const row = (background, text, count) => count !== null && gridmap.legendRow({ style: { background } }, text,
    word("areas_count", { count }));
  const counted = (test) => at.filter((one) => one === test).length;
  gridmap.byId("gm-legend").replaceChildren(gridmap.node("h2", { text: title }), gridmap.node("ul", {},
    ...classes.colours.map((colour, n) => row(colour, classes.labels[n], counted(n))),
    row(unknownColour, word("unknown"), counted(null) || null)));
};

/* percentOf(area, side) is null where nothing is known; such areas are not listed */
gridmap.areasList = (texts, { list, entry }, { areas, two, summary, percentOf, colourOf, nameOf, go }) => {
  const known = areas.filter((area) => percentOf(area) !== null);
  gridmap.byId("gm-areas").hidden = !known.length;
  if (!known.length) return;
  const change = (area) => (percentOf(area, "old") === null ? -1 : Math.abs(percentOf(area) - percentOf(area, "old")));
  const sorted = known.sort((one, other) => (two ? change(other) - change(one) : percentOf(one) - percentOf(other)));
  const said = (area) => (two ? gridmap.changeText(texts, percentOf(area, "old"), percentOf(area))
    : texts.percent(percentOf(area)));
  list("gm-areas", texts.word(two ? "areas_change" : "areas_list"), summary, sorted.map((area) => () =>
    entry(colourOf(area), nameOf(area), said(area), () => go(area))));
};
