//! The console's files, inside the binary; without them a page that says how to build them.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};

/// A release holds the files; a debug build reads them from the directory each time.
#[derive(RustEmbed)]
#[folder = "../web-console/dist"]
#[allow_missing = true]
struct Files;

/// The one page, which every address of the console leads to.
const PAGE: &str = "index.html";
/// Where the files with a hash in their name are; such a file never changes.
const HASHED: &str = "assets/";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Deskwire</title>\
<h1>The engine runs; its console is not built</h1>\
<p>With node 20 installed, in the source tree: <code>make console</code>, then build the engine again.</p>\
<p>The API and the WebSocket at <code>/ws</code> work without it.</p></html>";

/// The router of the console: its page, its files.
pub fn router() -> Router {
    let pages = ["/", "/agent", "/floor", "/rooms"];
    pages.into_iter().fold(Router::new(), |router, path| router.route(path, get(page))).fallback(get(file))
}

async fn page(headers: HeaderMap) -> Response {
    match Files::get(PAGE) {
        Some(found) => send(PAGE, &found, &headers),
        None => ([(CONTENT_TYPE, kind(PAGE))], NOT_BUILT).into_response(),
    }
}

async fn file(address: Uri, headers: HeaderMap) -> Response {
    let path = address.path().trim_start_matches('/');
    match Files::get(path) {
        Some(found) => send(path, &found, &headers),
        None => (StatusCode::NOT_FOUND, "there is no such page\n").into_response(),
    }
}

fn send(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let digits: String = file.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = HeaderValue::from_str(&format!("\"{digits}\"")).expect("hexadecimal digits are a header's value");
    let same = headers.get(IF_NONE_MATCH) == Some(&tag);
    let status = if same { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let body = if same { Vec::new() } else { file.data.to_vec() };
    let keep = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let about = [
        (CONTENT_TYPE, HeaderValue::from_static(kind(path))),
        (CACHE_CONTROL, HeaderValue::from_static(keep)),
        (ETAG, tag),
    ];
    (status, about, body).into_response()
}

/// The content type by the name's ending; browsers are told not to guess.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
