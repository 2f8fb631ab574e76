//! Signed tokens (JWT, RFC 7519): a member of staff's after signing in, a customer's to come back with.
//!
//! The two have different audiences, so one can never be taken for the other. What a customer said of himself travels in
//! his own token: nothing is written for him before he opens a ticket.

use std::fmt;

use deskwire_protocol::{PersonId, Role, Time};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::keys::Keys;
use super::random_u64;

/// How far two clocks may differ, in milliseconds.
const LEEWAY_MS: u64 = 5_000;
const STAFF: &str = "deskwire.staff";
const CUSTOMER: &str = "deskwire.customer";

/// One sign-in; what a later revocation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What a token says, once it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: Role,
    /// Since which sign-in.
    pub session: SessionId,
    /// Until when.
    pub expires_at: Time,
    /// A customer's display name as he gave it; empty for staff.
    pub name: String,
    /// A customer's e-mail address as he gave it, a claim and no proof; empty for staff.
    pub email: String,
}

/// A token made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The token. Never in a log.
    pub token: String,
    /// Until when it is good.
    pub expires_at: Time,
    /// The sign-in it belongs to.
    pub session: SessionId,
}

/// Why a token is not believed. For counting and for tests: whoever sent it hears only that it is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not of a token's form, or a claim is missing or of another type.
    #[error("not a token of ours")]
    Form,
    /// Signed with a key we do not have.
    #[error("an unknown key")]
    Key,
    /// Its header names another algorithm than its key has.
    #[error("not this key's algorithm")]
    Algorithm,
    /// The signature does not fit.
    #[error("forged")]
    Signature,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Another issuer or audience, or a role that its audience cannot have.
    #[error("not for this desk")]
    Audience,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: Role,
    sid: String,
    iss: String,
    aud: String,
    iat: u64,
    exp: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    email: String,
}

/// Makes tokens and reads them.
pub struct Tokens {
    keys: Keys,
    issuer: String,
    staff_ms: u64,
    customer_ms: u64,
}

impl Tokens {
    /// With these keys and lifetimes. Signs and reads one token at once: a key that cannot is found at start.
    pub fn new(keys: Keys, issuer: &str, staff_ms: u64, customer_ms: u64) -> Tokens {
        let tokens = Tokens { keys, issuer: issuer.to_owned(), staff_ms, customer_ms };
        let now = Time::from_ms(1);
        let tried = tokens.staff(PersonId(1), Role::Agent, now);
        tokens.read(&tried.token, now).expect("what was just signed with one's own key is believed");
        tokens
    }

    /// A token for a member of staff, of a new session.
    pub fn staff(&self, person: PersonId, role: Role, now: Time) -> Issued {
        debug_assert!(role.is_staff());
        self.issue(STAFF, person, role, (String::new(), String::new()), self.lifetime(now, self.staff_ms))
    }

    /// A token for a customer to come back with. Whoever has it is that customer.
    pub fn customer(&self, person: PersonId, name: &str, email: &str, now: Time) -> Issued {
        let said = (name.to_owned(), email.to_owned());
        self.issue(CUSTOMER, person, Role::Customer, said, self.lifetime(now, self.customer_ms))
    }

    /// Reads a token of either audience; the role says which it was.
    pub fn read(&self, token: &str, now: Time) -> Result<Bearer, TokenFault> {
        let header = decode_header(token).map_err(|_| TokenFault::Form)?;
        if header.crit.is_some() {
            return Err(TokenFault::Form);
        }
        let id = header.kid.ok_or(TokenFault::Key)?;
        let key = self.keys.get(&id).ok_or(TokenFault::Key)?;
        if header.alg != key.algorithm {
            return Err(TokenFault::Algorithm);
        }
        let mut rules = Validation::new(key.algorithm);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[STAFF, CUSTOMER]);
        // The library would read the machine's clock; ours is an argument.
        rules.validate_exp = false;
        let claims = decode::<Claims>(token, &key.verifies, &rules).map_err(|fault| fault_of(fault.kind()))?.claims;
        believed(claims, now)
    }

    fn lifetime(&self, now: Time, ms: u64) -> (Time, Time) {
        (now, Time::from_ms(now.ms().saturating_add(ms)))
    }

    fn issue(
        &self,
        audience: &str,
        person: PersonId,
        role: Role,
        said: (String, String),
        times: (Time, Time),
    ) -> Issued {
        let session = SessionId(random_u64());
        let claims = Claims {
            sub: person.to_string(),
            role,
            sid: session.to_string(),
            iss: self.issuer.clone(),
            aud: audience.to_owned(),
            iat: times.0.ms() / 1_000,
            exp: times.1.ms().div_ceil(1_000),
            name: said.0,
            email: said.1,
        };
        let (id, key) = self.keys.signing();
        let header = Header { kid: Some(id.to_owned()), ..Header::new(key.algorithm) };
        let token = encode(&header, &claims, &key.signs).expect("a key of the table signs with its own algorithm");
        Issued { token, expires_at: Time::from_ms(claims.exp * 1_000), session }
    }
}

fn believed(claims: Claims, now: Time) -> Result<Bearer, TokenFault> {
    let expires_at = Time::from_ms(claims.exp.saturating_mul(1_000));
    if expires_at.ms().saturating_add(LEEWAY_MS) < now.ms() {
        return Err(TokenFault::Expired);
    }
    // One audience each, and nobody is staff by a customer's token.
    let audience = if claims.role.is_staff() { STAFF } else { CUSTOMER };
    if claims.aud != audience {
        return Err(TokenFault::Audience);
    }
    Ok(Bearer {
        person: claims.sub.parse().map_err(|_| TokenFault::Form)?,
        role: claims.role,
        session: SessionId(u64::from_str_radix(&claims.sid, 16).map_err(|_| TokenFault::Form)?),
        expires_at,
        name: claims.name,
        email: claims.email,
    })
}

/// The library's many faults as our few.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library's faults, and more of them with each version")]
fn fault_of(kind: &ErrorKind) -> TokenFault {
    match kind {
        ErrorKind::InvalidSignature => TokenFault::Signature,
        ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
        ErrorKind::ExpiredSignature => TokenFault::Expired,
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenFault::Audience,
        _ => TokenFault::Form,
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
