/* What became of parcels between the two epochs that lie beside each other, where any two do. */
gridmap.epochs = ({ changes, sources }, texts) => {
  const { word, number } = texts;

  /* the comparison of the sources on both sides; null where they are not two epochs */
  function between({ left, right }) {
    const found = changes.find((one) => [one.old, one.new].every((key) => [left, right].includes(String(key))));
    if (!found) return null;
    const kinds = Object.fromEntries(["old", "new"].map((end) => [found[end],
      new Map(found.events.flatMap((event) => event[end].map((id) => [id, event.kind])))]));
    return { ...found, kindOf: (key, id) => kinds[key]?.get(id) ?? "unchanged" };
  }

  const named = (ids) => ids.join(word("comma")) || "–";
  const area = (value) => number(value, 1);
  const said = ({ kind, old, new: fresh, m2: [before, after] }) => ({
    title: kind === "adjusted" ? named(fresh) : `${named(old)} → ${named(fresh)}`,
    more: `${word(`became_${kind}`)} · ${word("m2", { n: area(before) === area(after) ? area(after)
      : `${area(before)} → ${area(after)}` })}`,
  });

  /* shapes of the parcels of an event, of those that the page holds */
  const shapesOf = ({ old, new: fresh }, event) => [[old, event.old], [fresh, event.new]].flatMap(([key, ids]) =>
    ids.flatMap((id) => sources[key].parcels.shapes[sources[key].parcels.ids.indexOf(id)] ?? []));
  return { between, said, shapesOf };
};
