import { describe, expect, it } from "vitest";
import { homeOf } from "../../src/shared/homes";
import { statesIn } from "../../src/staff/features/login/qr";
import { firstWay, openWays } from "../../src/staff/features/login/ways";

describe("ways to sign in", () => {
  const open = openWays({ password: true, phone: true, email: false, qr: true, oidc: null });

  it("offers what the server has, in a steady order", () =>
    expect(open).toEqual(["password", "phone", "qr"]));

  it("starts at the way asked for, else the last one, else the first", () => {
    expect(firstWay(open, "phone", "qr")).toBe("phone");
    expect(firstWay(open, null, "qr")).toBe("qr");
    expect(firstWay(open, "email", "nonsense")).toBe("password");
  });
});

describe("a sign-in by QR", () => {
  it("reads the states of the stream and passes over everything else", () =>
    expect(
      statesIn(": hello\n\nevent: waiting\ndata: {}\n\nevent: odd\ndata: {}\n\nevent:confirmed\ndata:"),
    ).toEqual(["waiting", "confirmed"]));
});

describe("where somebody starts", () => {
  it.each([
    [{ role: "operator" }, "/operator"],
    [{ role: "admin" }, "/admin"],
    [{ role: "auditor" }, "/admin"],
    [{ role: "analyst" }, "/me"],
    [{ role: "a-role-of-the-house" }, "/me"],
    [{ role: "customer", kind: "CUSTOMER" }, "/me"],
  ])("%o starts at %s", (me, page) => expect(homeOf(me)).toBe(page));
});
