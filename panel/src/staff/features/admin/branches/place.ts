/** The point a text names; undefined for none, null for what is no point. */
export function pointOf(text: string) {
  if (!text.trim()) return undefined;
  const found = /^\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text);
  if (!found) return null;
  const millionths = (degrees: string | undefined) => Math.round(Number(degrees) * 1e6);
  return { latitude_e6: millionths(found[1]), longitude_e6: millionths(found[2]) };
}
