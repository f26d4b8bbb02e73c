//! The description of the HTTP interface, as a document clients can be made from. Shapes come from the very types that
//! are read and sent; routes stand here in words, and tests hold them against the router. GraphQL describes itself.

use std::sync::LazyLock;

use axum::{http::header, response::IntoResponse};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{access, account, kiosk, own_data, problem, ticket_page, ways};

/// The document, as it is served and committed.
pub static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    // A value made of string keys: serialising it cannot fail.
    serde_json::to_string_pretty(&described()).unwrap_or_default() + "\n"
});

/// Of cookies.
const BY_HTTPS: &str = "By https the name begins with `__Host-`.";

/// `GET /openapi.json`.
pub async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

fn described() -> Value {
    let mut shapes = Shapes::new();
    let paths = paths(&mut shapes);
    let problem = shapes.sent::<problem::Told<'static>>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Talon",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "description": "What kiosks, boards and ticket pages use. Staff work through GraphQL at /graphql. Times are \
                RFC 3339 in UTC, spans are seconds, positions are opaque strings `<log id>.<number>`. Every error is \
                application/problem+json with a stable `code`.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "device": { "type": "apiKey", "in": "cookie", "name": "talon_device", "description": BY_HTTPS },
                "refresh": { "type": "apiKey", "in": "cookie", "name": "talon_refresh", "description": BY_HTTPS },
            },
            "parameters": {
                "branch": parameter("branch", "path", json!({ "type": "string", "pattern": "^[a-z0-9-]{1,40}$" })),
                "token": parameter("token", "path", json!({ "type": "string" })),
            },
            "responses": {
                "Problem": {
                    "description": "Why not",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
            "schemas": shapes.all(),
        },
    })
}

fn paths(shapes: &mut Shapes) -> Value {
    let branch = json!([{ "$ref": "#/components/parameters/branch" }]);
    let token = json!([{ "$ref": "#/components/parameters/token" }]);
    let in_json = |schema: Value| json!({ "application/json": { "schema": schema } });
    let events = |schema: Value| json!({ "text/event-stream": { "schema": schema } });
    let branches = in_json(json!({ "type": "array", "items": shapes.sent::<kiosk::BranchLine>() }));
    let catalogue = in_json(shapes.sent::<kiosk::Catalogue>());
    let export = in_json(shapes.sent::<own_data::Export>());
    let sent = in_json(shapes.sent::<ways::CodeSent>());
    let board = shapes.board();
    let page = shapes.sent::<ticket_page::TicketPage>();
    let (wanted, given) = (shapes.read::<kiosk::Wanted>(), in_json(shapes.sent::<kiosk::Given>()));
    let welcome = in_json(shapes.sent::<access::Welcome<'static>>());
    let paired = in_json(shapes.sent::<access::Paired<'static>>());
    let step_or_welcome = in_json(
        json!({ "oneOf": [shapes.sent::<access::Welcome<'static>>(), shapes.sent::<access::NextStep>()] }),
    );
    let mut paths = json!({
        "/api/v1/branches": { "get": step("Branches the caller may read", &[("200", "The list", Some(&branches))], &[]) },
        "/api/v1/branches/{branch}": {
            "parameters": branch,
            "get": step(
                "What can be asked for in a branch, and when it is open",
                &[("200", "The catalogue", Some(&catalogue))],
                &["404"],
            ),
        },
        "/api/v1/branches/{branch}/board": {
            "parameters": branch,
            "get": with(
                step(
                    "The hall board: at once when it differs from `after`, else when it changes",
                    &[("200", "The board", Some(&in_json(board.clone()))), ("204", "Nothing changed", None)],
                    &["404"],
                ),
                "parameters",
                json!([
                    { "name": "after", "in": "query", "schema": { "type": "string" }, "description": "Position last seen." },
                    {
                        "name": "wait", "in": "query", "schema": { "type": "integer", "minimum": 0, "maximum": 60 },
                        "description": "Seconds to wait for a change.",
                    },
                ]),
            ),
        },
        "/api/v1/branches/{branch}/tickets": {
            "parameters": branch,
            "post": with(
                asked(
                    step(
                        "Take a ticket",
                        &[("201", "The ticket", Some(&given)), ("200", "The same ticket again", Some(&given))],
                        &["401", "409", "422", "503"],
                    ),
                    wanted,
                    &["device", "bearer"],
                ),
                "parameters",
                json!([{
                    "name": "Idempotency-Key", "in": "header", "required": true,
                    "schema": { "type": "string", "format": "uuid" },
                    "description": "One touch, one key: a repeat answers the same ticket.",
                }]),
            ),
        },
        "/api/v1/me/export": {
            "get": with(
                step(
                    "Everything known of the customer who asks, as a file",
                    &[("200", "The copy", Some(&export))],
                    &["401", "403", "503"],
                ),
                "security",
                json!([{ "bearer": [] }]),
            ),
        },
        "/api/v1/me/contacts": { "post": asked(
            step(
                "Send six digits to a phone or an address to be known by too; the answer is the same whoever is known \
                 by it",
                &[("202", "A code is on its way", Some(&sent))],
                &["401", "403", "409", "422", "429"],
            ),
            shapes.read::<ways::CodeWanted>(),
            &["bearer"],
        ) },
        "/api/v1/me/contacts/confirm": { "post": asked(
            step(
                "Be known by it: show the six digits",
                &[("204", "It is a contact of the customer now", None)],
                &["401", "403", "409", "422", "429"],
            ),
            shapes.read::<ways::CodeShown>(),
            &["bearer"],
        ) },
        "/api/v1/tickets/{token}": {
            "parameters": token,
            "get": step(
                "One ticket, for whoever holds its token",
                &[("200", "The ticket", Some(&in_json(page.clone())))],
                &["404"],
            ),
        },
        "/api/v1/devices/heartbeat": {
            "post": asked(
                step("A device is alive", &[("204", "Heard", None)], &["401"]),
                shapes.read::<kiosk::Heartbeat>(),
                &["device"],
            ),
        },
        "/live/board/{branch}": {
            "parameters": branch,
            "get": step(
                "Every change of a board as server-sent events; the first is a snapshot",
                &[("200", "Events `board`, each with the position as its id", Some(&events(board)))],
                &["404"],
            ),
        },
        "/live/ticket/{token}": {
            "parameters": token,
            "get": step(
                "Every change of one ticket as server-sent events",
                &[("200", "Events `ticket`", Some(&events(page)))],
                &["404"],
            ),
        },
        "/auth/login": {
            "post": asked(
                step(
                    "Sign in with e-mail and password",
                    &[("200", "An access token, and a refresh cookie; or the next step", Some(&step_or_welcome))],
                    &["401", "429"],
                ),
                shapes.read::<access::Login>(),
                &[],
            ),
        },
        "/auth/refresh": {
            "post": with(
                step(
                    "A fresh access token for the refresh cookie",
                    &[("200", "As signing in", Some(&welcome))],
                    &["401"],
                ),
                "security",
                json!([{ "refresh": [] }]),
            ),
        },
        "/auth/logout": { "post": step("End the session", &[("204", "Ended", None)], &[]) },
        "/auth/setup": {
            "post": asked(
                step(
                    "Create the administrator by the one-time link",
                    &[("200", "As signing in", Some(&welcome))],
                    &["403"],
                ),
                shapes.read::<access::Setup>(),
                &[],
            ),
        },
        "/auth/pair": {
            "post": asked(
                step(
                    "Pair this device by its six digits",
                    &[("200", "The device, and its cookie", Some(&paired))],
                    &["404", "429"],
                ),
                shapes.read::<access::Pair>(),
                &[],
            ),
        },
        "/auth/device": {
            "get": with(
                step("Which device this is", &[("200", "The device", Some(&paired))], &["401"]),
                "security",
                json!([{ "device": [] }]),
            ),
        },
        "/graphql": {
            "post": with(
                step(
                    "GraphQL over HTTP; the schema is schemas/schema.graphql",
                    &[("200", "Data and errors", None)],
                    &[],
                ),
                "security",
                json!([{ "bearer": [] }, { "device": [] }, {}]),
            ),
        },
        "/healthz": { "get": step("The process answers", &[("200", "ok", None)], &[]) },
        "/readyz": {
            "get": step(
                "The store answers and the projections follow",
                &[("200", "Ready", None), ("503", "Not ready", None)],
                &[],
            ),
        },
        "/metrics": {
            "get": step("Figures of the process, Prometheus text", &[("200", "Figures", None)], &["403"]),
        },
    });
    for more in [own_account(shapes, &welcome, &step_or_welcome), other_ways(shapes, &welcome)] {
        if let (Some(all), Value::Object(more)) = (paths.as_object_mut(), more) {
            all.extend(more);
        }
    }
    paths
}

/// Ways in beside the password.
fn other_ways(shapes: &mut Shapes, welcome: &Value) -> Value {
    let in_json = |schema: Value| json!({ "application/json": { "schema": schema } });
    let ways = in_json(shapes.sent::<ways::Ways<'static>>());
    let sent = in_json(shapes.sent::<ways::CodeSent>());
    let (offer, asked_for) =
        (in_json(shapes.sent::<ways::QrOffer>()), in_json(shapes.sent::<ways::QrAsked>()));
    let id = json!([parameter("id", "path", json!({ "type": "string" }))]);
    let done = ("204", "Done", None);
    let query = |names: &[&str]| -> Value {
        names
            .iter()
            .map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } }))
            .collect()
    };
    let events = json!({ "text/event-stream": { "schema": { "type": "string" } } });
    json!({
        "/auth/ways": { "get": step("How one may sign in here", &[("200", "The ways", Some(&ways))], &[]) },
        "/auth/recovery": { "post": asked(
            step(
                "Send a link to whoever forgot the password; the answer is the same for every address",
                &[("202", "If there is such an account, a letter is on its way", None)],
                &["409", "429"],
            ),
            shapes.read::<ways::Recovery>(),
            &[],
        ) },
        "/auth/code": { "post": asked(
            step(
                "Send a customer six digits by phone or mail; the answer is the same for every phone and address",
                &[("202", "A code is on its way", Some(&sent))],
                &["409", "422", "429"],
            ),
            shapes.read::<ways::CodeWanted>(),
            &[],
        ) },
        "/auth/code/confirm": { "post": asked(
            step(
                "Sign in by the six digits; who is not known yet is registered",
                &[("200", "As signing in", Some(welcome))],
                &["403", "422", "429"],
            ),
            shapes.read::<ways::CodeShown>(),
            &[],
        ) },
        "/auth/qr": {
            "post": step("A QR code for a screen nobody is signed in at", &[("200", "To show", Some(&offer))], &["429"]),
        },
        "/auth/qr/{id}": {
            "parameters": id.clone(),
            "get": with(
                step(
                    "What asks to be signed in, for the phone that may confirm it",
                    &[("200", "What asks", Some(&asked_for))],
                    &["401", "410"],
                ),
                "security",
                json!([{ "bearer": [] }]),
            ),
        },
        "/auth/qr/{id}/events": {
            "parameters": id.clone(),
            "get": step(
                "What becomes of a QR code, for the screen that shows it (by its cookie, or its secret in the header \
                    Talon-Qr-Secret)",
                &[("200", "Events `waiting`, then `confirmed`, `refused` or `expired`", Some(&events))],
                &["404"],
            ),
        },
        "/auth/qr/{id}/take": {
            "parameters": id.clone(),
            "post": asked(
                step(
                    "Sign the screen in that showed a confirmed QR code",
                    &[("200", "As signing in", Some(welcome))],
                    &["404", "409", "410"],
                ),
                shapes.read::<ways::QrTaken>(),
                &[],
            ),
        },
        "/auth/qr/{id}/confirm": {
            "parameters": id.clone(),
            "post": asked(
                step("Let the other screen in, in one's own name", &[done], &["401", "410", "422"]),
                shapes.read::<ways::QrCodeShown>(),
                &["bearer"],
            ),
        },
        "/auth/qr/{id}/refuse": {
            "parameters": id,
            "post": asked(
                step("Do not let the other screen in", &[done], &["401", "410", "422"]),
                shapes.read::<ways::QrCodeShown>(),
                &["bearer"],
            ),
        },
        "/auth/oidc/start": {
            "get": with(
                step(
                    "Go to the organisation's own sign-in",
                    &[("302", "To the provider; or to /login#problem=CODE", None)],
                    &["404"],
                ),
                "parameters",
                query(&["to"]),
            ),
        },
        "/auth/oidc/callback": {
            "get": with(
                step(
                    "Come back from there",
                    &[("302", "To the page wanted, with a refresh cookie; or to /login#problem=CODE", None)],
                    &[],
                ),
                "parameters",
                query(&["code", "state"]),
            ),
        },
    })
}

/// One's own account, and what sets a password.
fn own_account(shapes: &mut Shapes, welcome: &Value, step_or_welcome: &Value) -> Value {
    let in_json = |schema: Value| json!({ "application/json": { "schema": schema } });
    let sessions = in_json(shapes.sent::<account::Sessions>());
    let (offer, codes) = (shapes.sent::<account::Offer>(), shapes.sent::<account::RecoveryCodes>());
    let totp = in_json(shapes.sent::<account::Totp>());
    let keys = in_json(shapes.sent::<account::Jwks>());
    let id = json!([parameter("id", "path", json!({ "type": "string", "format": "uuid" }))]);
    let own = |step: Value| with(step, "security", json!([{ "bearer": [] }]));
    let done = ("204", "Done", None);
    json!({
        "/auth/login/totp": { "post": asked(
            step("The second step of signing in", &[("200", "As signing in", Some(welcome))], &["403", "422", "429"]),
            shapes.read::<account::SecondStep>(),
            &[],
        ) },
        "/auth/sessions": {
            "get": own(step("Everywhere one is signed in", &[("200", "The sessions", Some(&sessions))], &["401"])),
        },
        "/auth/sessions/{id}/revoke": {
            "parameters": id,
            "post": own(step("End one of one's own sessions", &[done], &["401", "404"])),
        },
        "/auth/logout-everywhere": { "post": own(step("Sign out everywhere, here too", &[done], &["401"])) },
        "/auth/password": { "post": asked(
            step("Change one's password, and sign out everywhere else", &[done], &["401", "422", "429"]),
            shapes.read::<account::NewPassword>(),
            &["bearer"],
        ) },
        "/auth/totp": {
            "get": own(step("Whether a second factor is asked for", &[("200", "It is or not", Some(&totp))], &["401"])),
        },
        "/auth/totp/begin": { "post": asked(
            step(
                "Offer a second factor",
                &[("200", "What an authenticator takes in", Some(&in_json(offer)))],
                &["401", "409", "422", "429"],
            ),
            shapes.read::<account::BeginTotp>(),
            &["bearer"],
        ) },
        "/auth/totp/confirm": { "post": asked(
            step(
                "Make the offered factor count",
                &[("200", "Recovery codes, shown this once", Some(&in_json(codes)))],
                &["401", "422", "429"],
            ),
            shapes.read::<account::ConfirmTotp>(),
            &["bearer"],
        ) },
        "/auth/totp/remove": { "post": asked(
            step("Ask for the password alone again", &[done], &["401", "422", "429"]),
            shapes.read::<account::RemoveTotp>(),
            &["bearer"],
        ) },
        "/auth/recovery/complete": { "post": asked(
            step("Replace a forgotten password by the link in the mail", &[done], &["403", "422", "429"]),
            shapes.read::<account::ByLink>(),
            &[],
        ) },
        "/auth/invitation/complete": { "post": asked(
            step(
                "Set a password by the link of an invitation",
                &[("200", "As signing in; or the next step", Some(step_or_welcome))],
                &["403", "422", "429"],
            ),
            shapes.read::<account::ByLink>(),
            &[],
        ) },
        "/.well-known/jwks.json": {
            "get": step("Public keys of access tokens", &[("200", "The keys", Some(&keys))], &[]),
        },
    })
}

/// One method of a path: what it is for, what it answers, and with which statuses it says no.
fn step(summary: &str, answers: &[(&str, &str, Option<&Value>)], refusals: &[&str]) -> Value {
    let mut responses = Map::new();
    for (status, meaning, content) in answers {
        let mut answer = json!({ "description": meaning });
        if let Some(content) = content {
            answer["content"] = (*content).clone();
        }
        responses.insert((*status).to_owned(), answer);
    }
    for status in refusals {
        responses.insert((*status).to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    }
    json!({ "summary": summary, "responses": responses })
}

/// The same with the body it reads, and by whom; nobody in particular when none are named.
fn asked(step: Value, body: Value, by: &[&str]) -> Value {
    let content = json!({ "application/json": { "schema": body } });
    let step = with(step, "requestBody", json!({ "required": true, "content": content }));
    if by.is_empty() {
        return step;
    }
    with(step, "security", by.iter().map(|scheme| json!({ *scheme: [] })).collect())
}

fn with(mut step: Value, key: &str, value: Value) -> Value {
    step[key] = value;
    step
}

fn parameter(name: &str, place: &str, schema: Value) -> Value {
    json!({ "name": name, "in": place, "required": true, "schema": schema })
}

/// Schemas of the types themselves, by name: as they are written, and as they are read.
struct Shapes {
    sent: SchemaGenerator,
    read: SchemaGenerator,
}

impl Shapes {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|it| {
                it.definitions_path = "/components/schemas".into();
                it.meta_schema = None;
            })
        };
        let sent = settings().for_serialize().into_generator();
        Self { sent, read: settings().for_deserialize().into_generator() }
    }

    fn sent<T: JsonSchema>(&mut self) -> Value {
        self.sent.subschema_for::<T>().to_value()
    }

    fn read<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    fn board(&mut self) -> Value {
        talon_projections::board::schema(&mut self.sent).to_value()
    }

    fn all(&mut self) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        all.extend(self.sent.take_definitions(true));
        all
    }
}
