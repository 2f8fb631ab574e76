//! Rows: which tokens are believed and which are not.

use deskwire_protocol::{PersonId, Role, Time};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;

const SECRET: [u8; 32] = [7; 32];
const NOW: u64 = 1_800_000_000_000;

fn now() -> Time {
    Time::from_ms(NOW)
}

fn tokens_of(secrets: &[(&str, [u8; 32])]) -> Tokens {
    Tokens::new(Keys::from_secrets(secrets), "deskwire", 60_000, 600_000)
}

fn ours() -> Tokens {
    tokens_of(&[("k1", SECRET)])
}

fn claims() -> Value {
    json!({
        "sub": "00000000000000aa", "role": "agent", "sid": "0000000000000001", "iss": "deskwire",
        "aud": "deskwire.staff", "iat": NOW / 1_000, "exp": NOW / 1_000 + 60,
    })
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut claims = claims();
    for (name, value) in changes {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(*name);
        } else {
            claims[*name] = value.clone();
        }
    }
    claims
}

fn signed(claims: &Value, id: Option<&str>, secret: &[u8]) -> String {
    let header = Header { kid: id.map(str::to_owned), ..Header::new(Algorithm::HS256) };
    encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

/// The parts as they are, whatever they are.
fn raw(header: &Value, claims: &Value, signature: &str) -> String {
    format!("{}.{}.{signature}", base64url(&header.to_string()), base64url(&claims.to_string()))
}

fn base64url(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            out.push(char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    out
}

/// A09
#[test]
fn a_token_says_who_as_what_until_when() {
    let tokens = ours();
    let issued = tokens.staff(PersonId(0xaa), Role::Supervisor, now());
    let bearer = tokens.read(&issued.token, now()).unwrap();
    assert_eq!((bearer.person, bearer.role, bearer.session), (PersonId(0xaa), Role::Supervisor, issued.session));
    assert_eq!((bearer.expires_at, issued.expires_at), (Time::from_ms(NOW + 60_000), Time::from_ms(NOW + 60_000)));
}

/// A18: and it fits into a hello, with the longest name and address.
#[test]
fn a_customers_token_carries_what_he_said_of_himself() {
    use deskwire_protocol::limits::{EMAIL_BYTES_MAX, NAME_BYTES_MAX, TOKEN_BYTES_MAX};
    let tokens = ours();
    let (name, email) = ("\"".repeat(NAME_BYTES_MAX), "a".repeat(EMAIL_BYTES_MAX));
    let issued = tokens.customer(PersonId(1), &name, &email, now());
    let bearer = tokens.read(&issued.token, now()).unwrap();
    assert_eq!((bearer.role, bearer.name, bearer.email), (Role::Customer, name, email));
    assert!(issued.token.len() <= TOKEN_BYTES_MAX, "{}", issued.token.len());
}

/// A10: each row is a token that differs from a good one in one thing.
#[test]
fn a_token_that_is_not_ours_is_not_believed() {
    let good = signed(&claims(), Some("k1"), &SECRET);
    assert!(ours().read(&good, now()).is_ok(), "the rows start from a good one");
    let (body, signature) = good.rsplit_once('.').unwrap();
    let hs256 = json!({"alg": "HS256", "kid": "k1", "typ": "JWT"});
    let rows: Vec<(&str, String, TokenFault)> = vec![
        ("empty", String::new(), TokenFault::Form),
        ("no token at all", "abc".into(), TokenFault::Form),
        ("two parts", body.into(), TokenFault::Form),
        ("alg none", raw(&json!({"alg": "none", "kid": "k1"}), &claims(), ""), TokenFault::Form),
        ("alg None, signed", raw(&json!({"alg": "None", "kid": "k1"}), &claims(), signature), TokenFault::Form),
        ("alg RS256", raw(&json!({"alg": "RS256", "kid": "k1"}), &claims(), signature), TokenFault::Algorithm),
        ("alg EdDSA", raw(&json!({"alg": "EdDSA", "kid": "k1"}), &claims(), signature), TokenFault::Algorithm),
        ("alg HS512", raw(&json!({"alg": "HS512", "kid": "k1"}), &claims(), signature), TokenFault::Algorithm),
        ("no kid", signed(&claims(), None, &SECRET), TokenFault::Key),
        ("another kid", signed(&claims(), Some("k2"), &SECRET), TokenFault::Key),
        ("another secret", signed(&claims(), Some("k1"), &[8; 32]), TokenFault::Signature),
        ("no signature", format!("{body}."), TokenFault::Signature),
        ("other claims", raw(&hs256, &with(&[("role", json!("admin"))]), signature), TokenFault::Signature),
        ("crit", raw(&json!({"alg": "HS256", "kid": "k1", "crit": ["b64"]}), &claims(), signature), TokenFault::Form),
        ("exp a text", signed(&with(&[("exp", json!("1800000060"))]), Some("k1"), &SECRET), TokenFault::Form),
        ("exp a fraction", signed(&with(&[("exp", json!(1.9e12))]), Some("k1"), &SECRET), TokenFault::Form),
        ("exp negative", signed(&with(&[("exp", json!(-1))]), Some("k1"), &SECRET), TokenFault::Form),
        ("exp over", signed(&with(&[("exp", json!(NOW / 1_000 - 6))]), Some("k1"), &SECRET), TokenFault::Expired),
        ("iss another", signed(&with(&[("iss", json!("x"))]), Some("k1"), &SECRET), TokenFault::Audience),
        ("aud another", signed(&with(&[("aud", json!("x"))]), Some("k1"), &SECRET), TokenFault::Audience),
        ("aud both", signed(&with(&[("aud", json!([STAFF, CUSTOMER]))]), Some("k1"), &SECRET), TokenFault::Form),
        ("aud customer's", signed(&with(&[("aud", json!(CUSTOMER))]), Some("k1"), &SECRET), TokenFault::Audience),
        ("role unknown", signed(&with(&[("role", json!("root"))]), Some("k1"), &SECRET), TokenFault::Form),
        ("role customer", signed(&with(&[("role", json!("customer"))]), Some("k1"), &SECRET), TokenFault::Audience),
        ("sub a name", signed(&with(&[("sub", json!("alice"))]), Some("k1"), &SECRET), TokenFault::Form),
        ("sid a name", signed(&with(&[("sid", json!("x"))]), Some("k1"), &SECRET), TokenFault::Form),
    ];
    for (row, token, fault) in rows {
        assert_eq!(ours().read(&token, now()), Err(fault), "{row}");
    }
    for missing in ["exp", "iss", "aud", "sub", "sid", "role"] {
        let token = signed(&with(&[(missing, Value::Null)]), Some("k1"), &SECRET);
        assert_eq!(ours().read(&token, now()), Err(TokenFault::Form), "without {missing}");
    }
}

/// A10: a public key is no secret that signs.
#[test]
fn a_public_key_cannot_be_used_as_a_secret() {
    use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
    use jsonwebtoken::jwk::EllipticCurve;
    use std::os::unix::fs::OpenOptionsExt;

    let directory = tempfile::tempdir().unwrap();
    let mut file = std::fs::OpenOptions::new();
    let file = file.create(true).write(true).mode(0o600).open(directory.path().join("e.ed25519")).unwrap();
    std::io::Write::write_all(&mut &file, "0a".repeat(32).as_bytes()).unwrap();
    let tokens = Tokens::new(Keys::open(directory.path(), "").unwrap(), "deskwire", 60_000, 60_000);
    let issued = tokens.staff(PersonId(1), Role::Admin, now());
    assert!(tokens.read(&issued.token, now()).is_ok());

    let pkcs8 = [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20], &[10u8; 32][..]].concat();
    let public = (DEFAULT_PROVIDER.key_utils.ed_pub_components_from_private_key)(&pkcs8, &EllipticCurve::Ed25519);
    let swapped = signed(&claims(), Some("e"), &public.unwrap());
    assert_eq!(tokens.read(&swapped, now()), Err(TokenFault::Algorithm));
}

/// A09: both ends of a token's life, with the leeway of five seconds.
#[test]
fn a_token_ends_five_seconds_after_its_time_and_not_before() {
    let tokens = ours();
    let issued = tokens.staff(PersonId(1), Role::Agent, now());
    let at = |ms| Time::from_ms(issued.expires_at.ms() + ms);
    assert!(tokens.read(&issued.token, at(5_000)).is_ok());
    assert_eq!(tokens.read(&issued.token, at(5_001)), Err(TokenFault::Expired));
}

/// A09: the old key verifies until its file is gone, the new one signs.
#[test]
fn rotation_turns_nobody_away() {
    let old = tokens_of(&[("k1", SECRET)]);
    let both = tokens_of(&[("k1", SECRET), ("k2", [9; 32])]);
    let new = tokens_of(&[("k2", [9; 32])]);
    let before = old.staff(PersonId(1), Role::Agent, now()).token;
    let after = both.staff(PersonId(1), Role::Agent, now()).token;
    assert!(both.read(&before, now()).is_ok() && both.read(&after, now()).is_ok());
    assert!(new.read(&after, now()).is_ok());
    assert_eq!(new.read(&before, now()), Err(TokenFault::Key));
}
