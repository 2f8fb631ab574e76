//! Staff sign in over HTTP and get the token for their sockets.

use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::socket::Target;

const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginFault {
    /// The engine cannot be reached, or does not speak HTTP.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It did not answer in time.
    #[error("no answer to the sign-in")]
    Timeout(#[from] tokio::time::error::Elapsed),
    /// It said no.
    #[error("the sign-in was refused: {0}")]
    Refused(String),
}

#[derive(Serialize)]
struct Credentials<'a> {
    email: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    token: String,
}

/// Signs in; the answer is the token.
pub async fn login(target: &Target, email: &str, password: &str) -> Result<String, LoginFault> {
    timeout(LOGIN_TIMEOUT, ask(target, email, password)).await?
}

async fn ask(target: &Target, email: &str, password: &str) -> Result<String, LoginFault> {
    let body = serde_json::to_string(&Credentials { email, password }).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(target.address).await?;
    let request = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        target.host,
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    token_of(&String::from_utf8_lossy(&answer))
}

/// The token in an answer. The object is looked for between the outer braces, so that a chunked body will do.
fn token_of(answer: &str) -> Result<String, LoginFault> {
    let refused = || LoginFault::Refused(answer.lines().next().unwrap_or("an empty answer").to_owned());
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(refused)?;
    if head.split(' ').nth(1) != Some("200") {
        return Err(refused());
    }
    let json = body.find('{').zip(body.rfind('}')).map(|(start, end)| &body[start..=end]);
    let answer: Answer = json.and_then(|json| serde_json::from_str(json).ok()).ok_or_else(refused)?;
    Ok(answer.token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_and_a_refusal_is_told() {
        let body = r#"{"token":"abc","role":"agent"}"#;
        let rows = [
            (format!("HTTP/1.1 200 OK\r\nA: b\r\n\r\n{body}"), Some("abc")),
            (format!("HTTP/1.1 200 OK\r\n\r\n1e\r\n{body}\r\n0\r\n\r\n"), Some("abc")),
            (format!("HTTP/1.1 401 Unauthorized\r\n\r\n{body}"), None),
            ("HTTP/1.1 200 OK\r\n\r\n{}".to_owned(), None),
            (String::new(), None),
        ];
        for (answer, token) in rows {
            assert_eq!(token_of(&answer).ok().as_deref(), token, "{answer}");
        }
    }
}
