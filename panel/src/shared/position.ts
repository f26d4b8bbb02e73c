export type Arrival = "newer" | "same" | "older" | "another-log";

/**
 * How a message at `next` relates to the last one shown. Positions are `<log id>.<n>`: within one log
 * lower ones are late and dropped, another log id means the server was restored and all starts over.
 */
export function arrival(last: string | null, next: string): Arrival {
  if (last === null) return "newer";
  const [lastLog, lastNumber] = split(last);
  const [nextLog, nextNumber] = split(next);
  if (lastLog !== nextLog) return "another-log";
  const order = compareNumbers(nextNumber, lastNumber);
  return order === 0 ? "same" : order < 0 ? "older" : "newer";
}

function split(position: string): [string, string] {
  const dot = position.lastIndexOf(".");
  return [position.slice(0, dot), position.slice(dot + 1)];
}

// Positions may outgrow the whole numbers a double can hold, so digits are compared as text.
function compareNumbers(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
