//! Every route with a well-formed request, and what the sources say there is.

use std::{collections::BTreeSet, fs, path::Path};

/// One way to come in.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
}

const fn get(path: &'static str) -> Route {
    Route { method: "GET", path, body: "" }
}

const fn post(path: &'static str, body: &'static str) -> Route {
    Route { method: "POST", path, body }
}

pub(crate) const ROUTES: &[Route] = &[
    get("/api/v1/branches"),
    get("/api/v1/branches/{branch}"),
    get("/api/v1/branches/{branch}/board"),
    get("/api/v1/me/export"),
    get("/api/v1/tickets/{token}"),
    get("/.well-known/jwks.json"),
    get("/auth/device"),
    get("/auth/oidc/callback"),
    get("/auth/oidc/start"),
    get("/auth/qr/{id}"),
    get("/auth/qr/{id}/events"),
    get("/auth/sessions"),
    get("/auth/totp"),
    get("/auth/ways"),
    get("/demo"),
    get("/graphql/ws"),
    get("/healthz"),
    get("/live/board/{branch}"),
    get("/live/ticket/{token}"),
    get("/metrics"),
    get("/openapi.json"),
    get("/readyz"),
    post("/api/v1/branches/{branch}/tickets", r#"{"services":["letter-send"]}"#),
    post("/api/v1/me/contacts", r#"{"kind":"phone","value":"+79161234560"}"#),
    post("/api/v1/me/contacts/confirm", r#"{"challenge":"x","code":"000000"}"#),
    post("/api/v1/devices/heartbeat", r#"{"build":"1","uptimeS":1}"#),
    post("/auth/login", r#"{"email":"nobody@example.org","password":"a wrong password"}"#),
    post("/auth/logout", "{}"),
    post("/auth/pair", r#"{"code":"000000"}"#),
    post("/auth/refresh", "{}"),
    post("/auth/setup", r#"{"token":"x","email":"a@example.org","name":"A","password":"long enough"}"#),
    post("/auth/code", r#"{"kind":"phone","value":"+79161234567"}"#),
    post("/auth/code/confirm", r#"{"challenge":"x","code":"000000"}"#),
    post("/auth/invitation/complete", r#"{"token":"x","password":"a few unrelated words"}"#),
    post("/auth/login/totp", r#"{"challenge":"x","code":"000000"}"#),
    post("/auth/logout-everywhere", "{}"),
    post("/auth/password", r#"{"current":"not mine at all","password":"a few unrelated words"}"#),
    post("/auth/qr", "{}"),
    post("/auth/qr/{id}/confirm", r#"{"code":"x"}"#),
    post("/auth/qr/{id}/refuse", r#"{"code":"x"}"#),
    post("/auth/qr/{id}/take", r#"{"secret":"x"}"#),
    post("/auth/recovery", r#"{"email":"nobody@example.org"}"#),
    post("/auth/recovery/complete", r#"{"token":"x","password":"a few unrelated words"}"#),
    post("/auth/sessions/{id}/revoke", "{}"),
    post("/auth/totp/begin", r#"{"password":"not mine at all"}"#),
    post("/auth/totp/confirm", r#"{"code":"000000"}"#),
    post("/auth/totp/remove", r#"{"password":"not mine at all","code":"000000"}"#),
    post("/demo/pair", r#"{"kind":"kiosk","branch":"centre"}"#),
    post("/graphql", r#"{"query":"{ __typename }"}"#),
];

/// Files of the panel: the same for everybody.
pub(crate) const PAGES: [&str; 15] = [
    "/",
    "/kiosk/{branch}",
    "/board/{branch}",
    "/t/{token}",
    "/pair",
    "/login",
    "/login/{*rest}",
    "/me",
    "/operator",
    "/admin",
    "/admin/{*rest}",
    "/assets/{*path}",
    "/voice/{*path}",
    "/icon.svg",
    "/licences/{*path}",
];

/// Every path given to a router where the house's routes are.
pub(crate) fn in_sources() -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(sources.join("http")).unwrap() {
        gather(&entry.unwrap().path(), &mut found);
    }
    gather(&sources.join("http.rs"), &mut found);
    found
}

fn gather(file: &Path, found: &mut BTreeSet<String>) {
    let text = fs::read_to_string(file).unwrap();
    // What a module's own tests set up is no route of the house.
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let starts = text.split(".route(").skip(1);
    found.extend(
        starts.filter_map(|it| it.trim_start().strip_prefix('"')?.split('"').next().map(str::to_owned)),
    );
}
