const query = new URLSearchParams(location.search);

function seconds(name: string, usual: number): number {
  const value = Number(query.get(name));
  return value > 0 ? value : usual;
}

/** Set once in the address the kiosk opens: `?print=off` for a kiosk with no printer, `?idle=` in seconds. */
export const settings = {
  print: query.get("print") !== "off",
  idleSeconds: seconds("idle", 45),
  countdownSeconds: seconds("countdown", 10),
};
