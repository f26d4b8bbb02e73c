//! The pages: the panel's build, carried inside the binary. Hashed assets are immutable, pages are never stored by a
//! browser. A binary built without the panel says so on every page instead of pretending.

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::App;
use crate::doors::headers::{self, page_policy};

#[derive(RustEmbed)]
#[folder = "../panel/dist"]
#[allow_missing = true]
struct Panel;

/// Where a page wants to be told the word by which its own styles are known.
const NONCE_PLACE: &str = "<meta name=\"style-nonce\" content=\"";

/// Every page and everything pages ask for.
pub fn routes() -> axum::Router<App> {
    let lite = |file: &'static str| get(move |headers: HeaderMap| async move { page(file, &headers) });
    let staff = || get(|headers: HeaderMap| async move { page("staff.html", &headers) });
    axum::Router::new()
        .route("/", lite("index.html"))
        .route("/kiosk/{branch}", lite("kiosk.html"))
        .route("/board/{branch}", lite("board.html"))
        .route("/t/{token}", lite("ticket.html"))
        .route("/pair", lite("pair.html"))
        .route("/login", staff())
        .route("/login/{*rest}", staff())
        .route("/me", staff())
        .route("/operator", staff())
        .route("/admin", staff())
        .route("/admin/{*rest}", staff())
        .route("/assets/{*path}", get(asset))
        .route("/voice/{*path}", get(asset))
        .route("/icon.svg", get(asset))
        .route("/licences/{*path}", get(asset))
}

fn page(file: &str, asked: &HeaderMap) -> Response {
    let (mut response, nonce) = match Panel::get(file) {
        Some(found) => match with_nonce(&found) {
            Some((page, nonce)) => (fresh(page), Some(nonce)),
            None => (serve(file, asked, "no-store"), None),
        },
        None => (absent(), None),
    };
    let policy = page_policy(nonce.as_deref());
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// The page with a new word in the place for it; nothing for a page without one.
fn with_nonce(page: &EmbeddedFile) -> Option<(String, String)> {
    let text = std::str::from_utf8(&page.data).ok()?;
    let (before, after) = text.split_once(NONCE_PLACE)?;
    let nonce = headers::nonce()?;
    Some((format!("{before}{NONCE_PLACE}{nonce}{after}"), nonce))
}

/// A page made for this answer.
fn fresh(page: String) -> Response {
    let mut response = axum::response::Html(page).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn asset(uri: Uri, path: Option<Path<String>>, headers: HeaderMap) -> Response {
    drop(path);
    let file = uri.path().trim_start_matches('/');
    if Panel::get(file).is_none() {
        return super::problem::Problem::of(super::problem::Code::NotFound).into_response();
    }
    let lasting = if file.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    serve(file, &headers, lasting)
}

/// The best twin the browser takes: brotli, gzip, or the file itself.
fn serve(file: &str, headers: &HeaderMap, lasting: &'static str) -> Response {
    let takes = headers.get(header::ACCEPT_ENCODING).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let twin = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| takes.contains(encoding))
        .find_map(|(encoding, ending)| {
            Panel::get(&format!("{file}{ending}")).map(|found| (Some(encoding), found))
        });
    let Some((encoding, found)) = twin.or_else(|| Panel::get(file).map(|found| (None, found))) else {
        return absent();
    };
    let etag = format!("\"{}\"", hex::encode(&found.metadata.sha256_hash()[..12]));
    if headers.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok()) == Some(etag.as_str()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    with_headers(file, found, encoding, &etag, lasting)
}

fn with_headers(
    file: &str,
    found: EmbeddedFile,
    encoding: Option<&'static str>,
    etag: &str,
    lasting: &'static str,
) -> Response {
    let mut response = Response::new(Body::from(found.data));
    let headers = response.headers_mut();
    let kind = match file.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ogg" => "audio/ogg",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
    if kind == "application/json" {
        // A page's own file, and no answer to a program.
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn absent() -> Response {
    const PAGE: &str = "<!doctype html><html lang=\"ru\"><meta charset=\"utf-8\"><title>Talon</title>\
        <h1>Страницы не собраны</h1><p>Этот сервер собран без страниц. Соберите их командой <code>make panel</code> и \
        пересоберите сервер. Программный интерфейс работает: <a href=\"/openapi.json\">/openapi.json</a>.</p>\
        <h1 lang=\"en\">The pages are not built</h1><p lang=\"en\">This server was built without its pages. Run \
        <code>make panel</code> and build the server again. The interfaces work: \
        <a href=\"/openapi.json\">/openapi.json</a>.</p></html>";
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, axum::response::Html(PAGE)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
