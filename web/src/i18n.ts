/** Every text of the page, in Chinese and English, and the language in use. */

export type Lang = "zh" | "en";

const zh = {
  skip: "跳到查询框",
  language: "语言",
  query: "地址或坐标",
  queryExample: "门牌地址，或 120.86,32.01",
  queryHint: "也可以直接点击地图。坐标先经后纬或先纬后经均可，度分秒亦可（CGCS2000 / WGS 84）。",
  ask: "查询",
  on: "日期",
  accuracy: "定位误差（米）",
  accuracyUnknown: "不详",
  answer: "查询结果",
  levels: "图层",
  zoomIn: "放大后显示",
  map: "地图",
  mapKeys: "网格地图：方向键平移，加减号缩放，回车查询地图中心点",
  waiting: "正在查询……",
  found: "位于 {name}",
  outside: "该点不在任何网格之内",
  outsideMore: "距最近的区界 {border}。",
  notFound: "没有找到这个地址",
  notFoundMore: "请检查门牌是否完整，或直接在地图上点击该处。",
  ambiguousAddress: "有 {n} 处地址相符，请选择",
  ambiguousPoint: "位置不能确定：定位误差 {accuracy} 大于到区界的距离 {border}",
  ambiguous: "不能确定属于哪一个网格",
  mayBe: "该点落在 {name}，但也可能属于相邻网格。",
  candidates: "可能的地址",
  nearby: "相近的地址",
  possibleAreas: "可能所属的区域",
  key: "此服务需要访问密钥",
  useKey: "使用",
  level: "层级",
  name: "名称",
  code: "代码",
  chain: "所属各级区域",
  details: "详情",
  border: "距最近区界",
  point: "经度, 纬度",
  address: "标准地址",
  matched: "匹配到",
  score: "匹配度",
  asOf: "日期",
  today: "今天",
  version: "数据版本",
  households: "{n} 户",
  metres: "{n} 米",
  kilometres: "{n} 千米",
  welcome: "输入地址或坐标，或点击地图，即可查到所属网格。",
  empty: "请输入地址或坐标。",
  coordinatesOutOfRange: "坐标超出范围：经度 -180 至 180，纬度 -90 至 90。",
  offline: "无法连接服务，请稍后重试。",
  problem: "查询失败",
  areasFailed: "区域边界未能载入：{detail}",
  zoomInTitle: "放大",
  zoomOutTitle: "缩小",
  zoomHome: "全部范围",
  district: "区县",
  street: "街道 / 镇",
  community: "社区 / 村",
  grid: "网格",
  micro: "微网格",
  province: "省",
  city: "市",
  road: "道路",
  lane: "弄",
  group: "村民小组",
  number: "门牌号",
  compound: "小区",
  alias: "别名",
  building: "楼栋",
  unit: "单元",
  floor: "楼层",
  room: "户室",
  suggestions: "可能的地址",
  suggested: "有 {n} 条提示，用上下键选择",
  addresses: "{n} 个地址",
  ambiguousBuilding: "这座建筑跨越区界",
  ambiguousExtent: "{level}：可能在几个区域中的任一个",
  surelyIn: "可以确定的是：位于 {name}。",
  shareOfGround: "占地 {n}%",
  known: "已知的是",
  placeError: "位置误差",
  within: "约 {n} 米以内",
  explain: "比对过程",
  noSteps: "没有可说明的步骤。",
  correct: "纠正这个答案",
  correctKey: "纠正需要网格管理员的密钥",
  means: "“{given}”指的是",
  meansExample: "标准地址，或道路、小区名称",
  save: "保存",
  saving: "正在保存……",
  reason_empty: "请输入地址。",
  reason_too_long: "文字太长，不像一个地址。",
  reason_no_parts: "文字里没有道路、小区或门牌。",
  reason_other_place: "写的是另一个省、市或区县，不在本辖区。",
  reason_no_such_road: "没有这条道路。",
  reason_no_such_compound: "没有这个小区。",
  reason_no_such_number: "这条路上没有这个门牌号。",
  reason_no_such_building: "没有这栋楼。",
  reason_contradiction: "地址的各部分互相矛盾。",
  note_former_name: "“{given}”是旧名，现在是“{taken}”。",
  note_alias: "“{given}”是“{taken}”的别名。",
  note_typo: "“{given}”按“{taken}”查找。",
  note_other_division: "写的是“{given}”，实际在“{taken}”。",
  note_interpolated: "没有 {given} 的门牌，位置按 {taken} 推算。",
  note_relation: "“{given}”：只知道大致范围。",
  note_unit_unknown: "没有单元“{given}”的记录，按整栋楼回答。",
  note_repeated: "“{given}”重复，只算一次。",
  note_dropped: "“{given}”没有用到。",
  interpolated: "推算门牌",
  crossing: "路口",
  place: "地点",
  zone: "开发区",
  relation: "方位",
  divisions: "区划",
  plans: "方案编辑",
};

const en: Record<keyof typeof zh, string> = {
  skip: "Skip to the search box",
  language: "Language",
  query: "Address or coordinates",
  queryExample: "Door-plate address, or 120.86,32.01",
  queryHint: "Or click the map. Longitude or latitude first, decimal or degrees-minutes-seconds (CGCS2000 / WGS 84).",
  ask: "Search",
  on: "Date",
  accuracy: "Position error (m)",
  accuracyUnknown: "unknown",
  answer: "Answer",
  levels: "Layers",
  zoomIn: "zoom in to see",
  map: "Map",
  mapKeys: "Map of grids: arrow keys pan, plus and minus zoom, Enter asks about the centre of the map",
  waiting: "Searching …",
  found: "In {name}",
  outside: "This point is in no grid",
  outsideMore: "The nearest border is {border} away.",
  notFound: "This address was not found",
  notFoundMore: "Check that the house number is complete, or click the place on the map.",
  ambiguousAddress: "{n} addresses match: choose one",
  ambiguousPoint: "Not certain: the position error of {accuracy} exceeds the distance to the border, {border}",
  ambiguous: "The grid cannot be told for certain",
  mayBe: "The point falls in {name}, but may belong to a neighbouring grid.",
  candidates: "Possible addresses",
  nearby: "Similar addresses",
  possibleAreas: "Areas it may be in",
  key: "This service needs an access key",
  useKey: "Use",
  level: "Level",
  name: "Name",
  code: "Code",
  chain: "Areas that hold it",
  details: "Details",
  border: "Nearest border",
  point: "Longitude, latitude",
  address: "Standard address",
  matched: "Matched down to",
  score: "Score",
  asOf: "Date",
  today: "today",
  version: "Data version",
  households: "{n} {n|household|households}",
  metres: "{n} m",
  kilometres: "{n} km",
  welcome: "Type an address or coordinates, or click the map, to learn which grid it is in.",
  empty: "Type an address or coordinates.",
  coordinatesOutOfRange: "Coordinates out of range: longitude -180 to 180, latitude -90 to 90.",
  offline: "The service cannot be reached; try again shortly.",
  problem: "The search failed",
  areasFailed: "The borders could not be loaded: {detail}",
  zoomInTitle: "Zoom in",
  zoomOutTitle: "Zoom out",
  zoomHome: "Whole territory",
  district: "District",
  street: "Street / town",
  community: "Community / village",
  grid: "Grid",
  micro: "Micro-grid",
  province: "Province",
  city: "City",
  road: "Road",
  lane: "Lane",
  group: "Villagers' group",
  number: "House number",
  compound: "Compound",
  alias: "Alias",
  building: "Building",
  unit: "Unit",
  floor: "Floor",
  room: "Room",
  suggestions: "Addresses that may be meant",
  suggested: "{n} {n|suggestion|suggestions}: choose with the arrow keys",
  addresses: "{n} {n|address|addresses}",
  ambiguousBuilding: "This building stands across a border",
  ambiguousExtent: "{level}: in any of several areas",
  surelyIn: "What is sure: in {name}.",
  shareOfGround: "{n} % of its ground",
  known: "What is known:",
  placeError: "Position error",
  within: "within about {n} m",
  explain: "How it was compared",
  noSteps: "There are no steps to show.",
  correct: "Correct this answer",
  correctKey: "Correcting needs a grid administrator's key",
  means: "“{given}” means",
  meansExample: "A standard address, road or compound",
  save: "Save",
  saving: "Saving …",
  reason_empty: "Type an address.",
  reason_too_long: "The text is too long for an address.",
  reason_no_parts: "The text names no road, compound or house number.",
  reason_other_place: "The text names another province, city or district.",
  reason_no_such_road: "There is no such road.",
  reason_no_such_compound: "There is no such compound.",
  reason_no_such_number: "There is no such number on this road.",
  reason_no_such_building: "There is no such building.",
  reason_contradiction: "The parts of the address contradict each other.",
  note_former_name: "“{given}” is a former name; it is now “{taken}”.",
  note_alias: "“{given}” is another name of “{taken}”.",
  note_typo: "“{given}” was taken for “{taken}”.",
  note_other_division: "The text says “{given}”; the place is in “{taken}”.",
  note_interpolated: "There is no plate {given}; its place is reckoned from {taken}.",
  note_relation: "“{given}”: only the surroundings are known.",
  note_unit_unknown: "Unit “{given}” is not recorded; the building answers.",
  note_repeated: "“{given}” is repeated and counts once.",
  note_dropped: "“{given}” was passed over.",
  interpolated: "Reckoned number",
  crossing: "Crossing",
  place: "Place",
  zone: "Zone",
  relation: "Relation",
  divisions: "Divisions",
  plans: "Plans",
};

export type Key = keyof typeof zh;
export const TEXTS: Record<Lang, Record<Key, string>> = { zh, en };
const REMEMBERED = "gridmap.lang";

let current: Lang = "zh";

/** The language to start with: the one chosen before, else the browser's first known one, else Chinese. */
export function preferred(remembered: string | null, languages: readonly string[]): Lang {
  if (remembered === "zh" || remembered === "en") return remembered;
  const known = languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "zh" || tag === "en");
  return (known as Lang | undefined) ?? "zh";
}

export function lang(): Lang {
  return current;
}

/** The text of `key`, its `{placeholders}` filled. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return filled(TEXTS[current][key], values);
}

/** A text with its `{placeholders}` filled; `{n|grid|grids}` is the first word for one, the second for any other number. */
export function filled(text: string, values: Record<string, string | number>): string {
  const worded = text.replace(/\{(\w+)\|([^|{}]*)\|([^|{}]*)\}/g, (_, name: string, one: string, more: string) => (Number(values[name]) === 1 ? one : more));
  return worded.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Whether there are words for a key. */
export function has(key: string): key is Key {
  return Object.hasOwn(zh, key);
}

/** The word for a level of areas or a part of an address; levels of one's own are shown as they are called in the data. */
export function levelName(level: string | null): string {
  return level === null ? "" : has(level) ? t(level) : level;
}

/** A length fit to be read: whole metres when that is precise enough. */
export function metres(value: number): string {
  if (value >= 10_000) return t("kilometres", { n: (value / 1000).toFixed(1) });
  return t("metres", { n: value < 100 ? value.toFixed(1) : Math.round(value) });
}

/** Use a language from now on: remember it, say it in `<html lang>`, fill all marked elements. */
export function use(chosen: Lang): void {
  current = chosen;
  try {
    localStorage.setItem(REMEMBERED, chosen);
  } catch {
    // a browser that refuses storage simply forgets
  }
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  translate(document);
}

/** The language remembered from an earlier visit, if the browser keeps one. */
export function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

function translate(root: ParentNode): void {
  const fill = (attribute: string, put: (element: HTMLElement, text: string) => void) =>
    root.querySelectorAll<HTMLElement>(`[${attribute}]`).forEach((element) => {
      put(element, t(element.getAttribute(attribute) as Key));
    });
  fill("data-t", (element, text) => (element.textContent = text));
  fill("data-t-label", (element, text) => element.setAttribute("aria-label", text));
  fill("data-t-title", (element, text) => (element.title = text));
  fill("data-t-placeholder", (element, text) => element.setAttribute("placeholder", text));
}
