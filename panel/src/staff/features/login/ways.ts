import { useEffect, useState } from "react";
import { ask } from "../../../shared/http";

/** How one may sign in here, as the server is set up. */
export interface Ways {
  password: boolean;
  phone: boolean;
  email: boolean;
  qr: boolean;
  oidc: { name: string } | null;
}

export type Way = "password" | "phone" | "email" | "qr";

const order: Way[] = ["password", "phone", "email", "qr"];

/** The ways that are open, in the order they are offered. */
export function openWays(ways: Ways): Way[] {
  return order.filter(way => ways[way]);
}

/** The way asked for by the address, used last time in this browser, or the first. */
export function firstWay(open: Way[], asked: string | null, last: string | null): Way {
  return open.find(way => way === asked) ?? open.find(way => way === last) ?? open[0] ?? "password";
}

const onlyPassword: Ways = { password: true, phone: false, email: false, qr: false, oidc: null };

/** Null while it is asked. A server that does not say takes passwords: every server does. */
export function useWays(): Ways | null {
  const [ways, setWays] = useState<Ways | null>(null);
  useEffect(() => {
    let isHere = true;
    void ask<Ways>("/auth/ways").then(answer => {
      if (isHere) setWays(answer.ok === true ? answer.body : onlyPassword);
    });
    return () => {
      isHere = false;
    };
  }, []);
  return ways;
}

const key = "talon.way";

export function lastWay(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function rememberWay(way: Way): void {
  try {
    localStorage.setItem(key, way);
  } catch {
    // Storage may be switched off; the first way is then offered each time.
  }
}
