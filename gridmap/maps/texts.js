"use strict";

/* What all map pages are made of; each file adds its parts to `gridmap`, and the page's own file comes last.
   Nothing of the data ever becomes HTML: all text goes through textContent. */
const gridmap = {};

gridmap.byId = (id) => document.getElementById(id);

gridmap.node = (tag, options = {}, ...children) => {
  const made = document.createElement(tag);
  const { text, style, ...rest } = options;
  if (text !== undefined) made.textContent = text;
  if (style) Object.assign(made.style, style);
  for (const [name, value] of Object.entries(rest)) made.setAttribute(name, value);
  made.append(...children.filter(Boolean));
  return made;
};

/* words of the page's language, and numbers as it writes them */
gridmap.texts = ({ words, lang }) => {
  const word = (key, values = {}) =>
    (Object.hasOwn(words, key) ? words[key] : key).replace(/\{(\w+)\}/g, (open, name) => values[name] ?? open);
  const lower = (text) => (lang === "en" ? text.charAt(0).toLowerCase() + text.slice(1) : text);
  const number = (value, most = 0, least = most) =>
    value.toLocaleString("en", { maximumFractionDigits: most, minimumFractionDigits: least })
      .replaceAll(",", lang === "en" ? "," : "\u2009");
  const known = (value, told) => (value === null || value === undefined ? word("unknown") : told(value));
  const said = (value) => known(value, () => number(value, 3, 0));
  const metres = (value) => known(value, () => word("m", { n: number(value) }));
  const squares = (value) => known(value, () => word("m2", { n: number(value) }));
  const percent = (value) => known(value, () => word("per_cent", { n: number(value, 1) }));
  return { word, lower, number, said, metres, squares, percent };
};

/* a line as numbers, the first point and then steps, in millionths of a degree: [latitude, longitude] of its points */
gridmap.path = (steps) => {
  const points = [];
  let x = 0;
  let y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    points.push([y / 1e6, x / 1e6]);
  }
  return points;
};
gridmap.polygon = (parts) => parts.map((rings) => rings.map(gridmap.path));
