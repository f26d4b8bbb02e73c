import type { BranchSettings } from "./settings";

/** Settings as single values by their places: what two versions are compared and joined by. */
export type Flat = Map<string, unknown>;

type Tree = Record<string, unknown>;

// Whatever is one value to people stays whole: the hours of a day, the services of a window.
const inside = new Set(["name", "ticker", "calling", "times"]);

export function flatten(settings: BranchSettings): Flat {
  const flat: Flat = new Map();
  for (const [key, value] of Object.entries(settings as unknown as Tree)) {
    if (value === undefined || value === null) continue;
    if (inside.has(key)) for (const [part, one] of Object.entries(value)) flat.set(`${key}.${part}`, one);
    else if (key === "windows" || key === "hours" || key === "quotas") continue;
    else flat.set(key, value);
  }
  flat.set(
    "windows.order",
    settings.windows.map(one => one.id),
  );
  for (const one of settings.windows) {
    flat.set(`windows.${one.id}.label`, one.label);
    flat.set(`windows.${one.id}.services`, one.services);
  }
  settings.hours.week.forEach((day, index) => {
    flat.set(`hours.week.${index}`, day);
  });
  for (const [date, day] of Object.entries(settings.hours.exceptions ?? {}))
    flat.set(`hours.exceptions.${date}`, day);
  if (settings.quotas.day !== undefined) flat.set("quotas.day", settings.quotas.day);
  for (const [service, most] of Object.entries(settings.quotas.services ?? {}))
    flat.set(`quotas.services.${service}`, most);
  return flat;
}

export function unflatten(flat: Flat): BranchSettings {
  const tree: Tree = { windows: windowsOf(flat), hours: { week: [] }, quotas: {} };
  const hours = tree.hours as { week: unknown[]; exceptions?: Tree };
  const quotas = tree.quotas as { day?: unknown; services?: Tree };
  for (const [key, value] of flat) {
    const [first = "", second = "", ...rest] = key.split(".");
    const last = rest.join(".");
    if (first === "windows") continue;
    if (first === "hours" && second === "week") hours.week[Number(last)] = value;
    else if (first === "hours") hours.exceptions = { ...hours.exceptions, [last]: value };
    else if (first === "quotas" && second === "day") quotas.day = value;
    else if (first === "quotas") quotas.services = { ...quotas.services, [last]: value };
    else if (second) tree[first] = { ...(tree[first] as Tree | undefined), [second]: value };
    else tree[first] = value;
  }
  return tree as unknown as BranchSettings;
}

/** Each window that still has a label, in the order given; those the order does not know come last. */
function windowsOf(flat: Flat) {
  const there = [...flat.keys()].flatMap(key => /^windows\.(.+)\.label$/.exec(key)?.[1] ?? []);
  const order = ((flat.get("windows.order") as string[] | undefined) ?? []).filter(id => there.includes(id));
  return [...order, ...there.filter(id => !order.includes(id))].map(id => ({
    id,
    label: flat.get(`windows.${id}.label`),
    services: flat.get(`windows.${id}.services`) ?? [],
  }));
}

export interface Difference {
  key: string;
  before: unknown;
  after: unknown;
}

/** Everything that is not the same in two versions, by its place; what one of them lacks is undefined there. */
export function differences(before: BranchSettings, after: BranchSettings): Difference[] {
  const [was, is] = [flatten(before), flatten(after)];
  const found: Difference[] = [];
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    if (same(was.get(key), is.get(key))) continue;
    found.push({ key, before: was.get(key), after: is.get(key) });
  }
  return found;
}

/** My changes carried over to somebody else's version; where both changed the same, mine stand. */
export function carriedOver(
  base: BranchSettings,
  mine: BranchSettings,
  theirs: BranchSettings,
): BranchSettings {
  const flat = flatten(theirs);
  for (const { key, after } of differences(base, mine)) {
    if (after === undefined) flat.delete(key);
    else flat.set(key, after);
  }
  return unflatten(flat);
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
