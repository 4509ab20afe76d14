/** Where on the page one is: #3 is plan 3, #3/4 are plans 3 and 4 side by side, #3/0 plan 3 beside what it was made from. */

export interface Route {
  plan: number | null;
  other: number | null;
}

export function routed(hash: string): Route {
  const found = /^#(\d+)(?:\/(\d+))?$/.exec(hash);
  const number = (text: string | undefined) => (text === undefined ? null : Number(text));
  return { plan: number(found?.[1]), other: number(found?.[2]) };
}

export function address(plan: number | null, other: number | null = null): string {
  return plan === null ? "#" : other === null ? `#${plan}` : `#${plan}/${other}`;
}
