type Fields = Record<string, unknown>;

/** One field of a fact, with what stood there before where the fact tells it. */
export interface Change {
  field: string;
  was?: unknown;
  now?: unknown;
}

/**
 * What a fact changed. Facts carry the old value as `was`, in one of three forms: the fields that changed, the whole
 * thing that stands in one field of the fact, or the value of the fact's last field of that kind.
 */
export function changesOf(payload: unknown): Change[] {
  if (!isFields(payload)) return [];
  const { was, ...fields } = payload;
  if (was === undefined || was === null) return stated(fields);
  if (Array.isArray(was) || !isFields(was)) return replaced(fields, was);
  if (Object.keys(was).some(key => key in fields)) return compared(was, fields);
  const [holder, whole] =
    Object.entries(fields).find(([, value]) => isFields(value) && shareKeys(value, was)) ?? [];
  if (holder && isFields(whole)) {
    return isValue(was)
      ? [...rest(fields, holder), { field: holder, was, now: whole }]
      : compared(was, whole);
  }
  if (isValue(was)) return [...stated(fields), { field: "was", was }];
  return [...stated(fields), ...Object.entries(was).map(([field, value]) => ({ field, was: value }))];
}

function stated(fields: Fields): Change[] {
  return Object.entries(fields).map(([field, now]) => ({ field, now }));
}

function rest(fields: Fields, but: string): Change[] {
  return stated(fields).filter(change => change.field !== but);
}

// Only what differs: a fact repeats much that stayed as it was.
function compared(was: Fields, now: Fields): Change[] {
  return [...new Set([...Object.keys(was), ...Object.keys(now)])].flatMap(field => {
    if (!(field in was)) return [{ field, now: now[field] }];
    return same(was[field], now[field]) ? [] : [{ field, was: was[field], now: now[field] }];
  });
}

function replaced(fields: Fields, was: unknown): Change[] {
  const alike = (value: unknown) => Array.isArray(value) === Array.isArray(was) && !isFields(value);
  const candidates = Object.keys(fields).filter(field => alike(fields[field]));
  // A thing's own name comes first; what changed about it comes after.
  const field = Array.isArray(was) || candidates.length > 1 ? candidates.at(-1) : undefined;
  if (!field) return [...stated(fields), { field: "was", was }];
  return [...rest(fields, field), { field, was, now: fields[field] }];
}

/** A name in two languages, a sealed value or a scope: one value to people, though an object in the log. */
export function isValue(value: Fields): boolean {
  return "of" in value || ("ru" in value && "en" in value) || isSealed(value);
}

export function isSealed(value: unknown): boolean {
  return isFields(value) && typeof value.key === "string" && typeof value.value === "string";
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shareKeys(left: Fields, right: Fields): boolean {
  return Object.keys(left).some(key => key in right);
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
