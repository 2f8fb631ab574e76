//! Who may open a WebSocket, and in which form: judged from the request alone, before anything is upgraded.

use axum::http::header::{HOST, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Version};
use deskwire_protocol::limits::TOKEN_BYTES_MAX;
use deskwire_protocol::{SUBPROTOCOL_BINARY, SUBPROTOCOL_JSON};

use crate::actors::encoded::Form;

/// What an acceptable request asks for. It cannot be printed: it may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The form of its frames.
    pub form: Form,
    /// The subprotocol to name in the answer; `None` if the client offered none: it then speaks JSON.
    pub subprotocol: Option<&'static str>,
    /// The token out of the address, for clients that cannot send one in a frame. Never in a log.
    pub token: Option<String>,
}

/// Why a request is turned away: a status and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turned(pub StatusCode, pub &'static str);

/// Judges a request for `/ws`.
pub fn judge(parts: &Parts, origins: &[String]) -> Result<Invitation, Turned> {
    judge_handshake(parts)?;
    if !origin_is_welcome(&parts.headers, origins) {
        return Err(Turned(StatusCode::FORBIDDEN, "pages of this origin may not connect: see the setting `origins`"));
    }
    let (form, subprotocol) = subprotocol(&parts.headers)?;
    let token = parts.uri.query().map_or(Ok(None), token)?;
    Ok(Invitation { form, subprotocol, token })
}

fn judge_handshake(parts: &Parts) -> Result<(), Turned> {
    if parts.method != Method::GET || parts.version != Version::HTTP_11 {
        return Err(Turned(StatusCode::METHOD_NOT_ALLOWED, "a WebSocket begins with GET over HTTP/1.1"));
    }
    if !has_word(&parts.headers, "upgrade", "websocket") || !has_word(&parts.headers, "connection", "upgrade") {
        return Err(Turned(StatusCode::UPGRADE_REQUIRED, "this is a WebSocket address: ask for an upgrade"));
    }
    if only(&parts.headers, SEC_WEBSOCKET_VERSION.as_str()) != Some("13") {
        return Err(Turned(StatusCode::UPGRADE_REQUIRED, "WebSocket version 13 is spoken here"));
    }
    if !only(&parts.headers, SEC_WEBSOCKET_KEY.as_str()).is_some_and(is_key) {
        return Err(Turned(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64"));
    }
    Ok(())
}

/// Sixteen bytes in base64: 22 characters and two equal signs.
fn is_key(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    key.len() == 24 && key.ends_with("==") && key.bytes().take(22).all(plain)
}

/// Programs send no Origin; a page's must be of the host it talks to, or on the list.
fn origin_is_welcome(headers: &HeaderMap, origins: &[String]) -> bool {
    if !headers.contains_key(ORIGIN) {
        return true;
    }
    let Some(origin) = only(headers, ORIGIN.as_str()) else {
        return false;
    };
    let same_host = match (origin.split_once("://"), only(headers, HOST.as_str())) {
        (Some((_scheme, authority)), Some(host)) => authority.eq_ignore_ascii_case(host),
        (None, _) | (_, None) => false,
    };
    same_host || origins.iter().any(|welcome| welcome.eq_ignore_ascii_case(origin))
}

/// Ours out of the offered ones, binary first. A client that offers none is a simple one and gets JSON.
fn subprotocol(headers: &HeaderMap) -> Result<(Form, Option<&'static str>), Turned> {
    if !headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Ok((Form::Json, None));
    }
    let offers = |name: &str| words(headers, SEC_WEBSOCKET_PROTOCOL.as_str()).any(|offer| offer == name);
    if offers(SUBPROTOCOL_BINARY) {
        Ok((Form::Binary, Some(SUBPROTOCOL_BINARY)))
    } else if offers(SUBPROTOCOL_JSON) {
        Ok((Form::Json, Some(SUBPROTOCOL_JSON)))
    } else {
        Err(Turned(StatusCode::BAD_REQUEST, "the subprotocols here are deskwire.v1 and deskwire.v1.json"))
    }
}

fn token(query: &str) -> Result<Option<String>, Turned> {
    let Some(raw) = query.split('&').find_map(|pair| pair.strip_prefix("token=")) else {
        return Ok(None);
    };
    // An empty one would be a new customer: whoever sends it means to be somebody.
    let token = percent_decoded(raw).filter(|token| (1..=TOKEN_BYTES_MAX).contains(&token.len()));
    token.map(Some).ok_or(Turned(StatusCode::BAD_REQUEST, "the token in the address is empty, too long or not text"))
}

fn percent_decoded(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, rest) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            (b'%', [] | [_]) => return None,
            (plain, _) => bytes.push(*plain),
        }
    }
    String::from_utf8(bytes).ok()
}

/// A header that must be there once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// The words of a header that is a list, perhaps over several lines.
fn words<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

fn has_word(headers: &HeaderMap, name: &str, word: &str) -> bool {
    words(headers, name).any(|one| one.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn check(uri: &str, changes: &[(&str, &str)], expected: Result<(Form, Option<&str>), u16>) {
        let mut headers = vec![
            ("host", "desk.example.com"),
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", KEY),
        ];
        headers.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        headers.extend_from_slice(changes);
        let request = headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let judged = judge(&parts, &["https://shop.example.org".to_owned()]);
        let found = judged.map(|it| (it.form, it.token)).map_err(|Turned(status, _)| status.as_u16());
        let expected = expected.map(|(form, token)| (form, token.map(str::to_owned)));
        assert_eq!(found, expected, "{uri} {changes:?}");
    }

    const JSON: Result<(Form, Option<&str>), u16> = Ok((Form::Json, None));
    const BINARY: Result<(Form, Option<&str>), u16> = Ok((Form::Binary, None));
    const PROTOCOL: &str = "sec-websocket-protocol";

    /// A12, C20
    #[test]
    fn a_request_is_judged_by_its_head_alone() {
        check("/ws", &[], JSON);
        check("/ws", &[(PROTOCOL, "deskwire.v1")], BINARY);
        check("/ws", &[(PROTOCOL, "deskwire.v1.json")], JSON);
        check("/ws", &[(PROTOCOL, "other, deskwire.v1.json,deskwire.v1")], BINARY);
        check("/ws", &[(PROTOCOL, "other"), (PROTOCOL, "deskwire.v1")], BINARY);
        check("/ws", &[(PROTOCOL, "deskwire.v2")], Err(400));
        check("/ws", &[(PROTOCOL, "")], Err(400));
        check("/ws", &[("upgrade", "h2c")], Err(426));
        check("/ws", &[("connection", "close")], Err(426));
        check("/ws", &[("sec-websocket-version", "8")], Err(426));
        check("/ws", &[("sec-websocket-key", "short")], Err(400));
        check("/ws", &[("sec-websocket-key", KEY), ("sec-websocket-key", KEY)], Err(400));
    }

    #[test]
    fn a_page_of_another_host_needs_to_be_on_the_list() {
        check("/ws", &[("origin", "https://desk.example.com")], JSON);
        check("/ws", &[("origin", "https://DESK.example.com")], JSON);
        check("/ws", &[("origin", "https://shop.example.org")], JSON);
        check("/ws", &[("origin", "http://shop.example.org")], Err(403));
        check("/ws", &[("origin", "https://evil.example")], Err(403));
        check("/ws", &[("origin", "https://desk.example.com.evil.example")], Err(403));
        check("/ws", &[("origin", "null")], Err(403));
        check("/ws", &[("origin", "https://desk.example.com"), ("origin", "https://evil.example")], Err(403));
    }

    #[test]
    fn a_token_comes_out_of_the_address_decoded() {
        check("/ws?token=abc", &[], Ok((Form::Json, Some("abc"))));
        check("/ws?a=b&token=a%2Bb%3D", &[], Ok((Form::Json, Some("a+b="))));
        check("/ws?nottoken=abc", &[], JSON);
        check("/ws?token=%2", &[], Err(400));
        check("/ws?token=%ff", &[], Err(400));
        check("/ws?token=", &[], Err(400));
        check("/ws?token", &[], JSON);
        check(&format!("/ws?token={}", "x".repeat(TOKEN_BYTES_MAX + 1)), &[], Err(400));
    }
}
