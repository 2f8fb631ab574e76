//! Signing in and coming back: e-mail and password, or a token, and out of it who that is.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use deskwire_protocol::{PersonId, Role, Time};

use super::accounts::Accounts;
use super::passwords::{Passwords, TooMany};
use super::tokens::{Bearer, Issued, TokenFault, Tokens};
use super::{account::Account, new_person};

/// The time over which sign-ins of one address are counted, in milliseconds.
const WINDOW_MS: u64 = 60_000;
/// Addresses that are counted at once; beyond it the count begins anew, which only lets some more through.
const ADDRESSES_MAX: usize = 10_000;

/// Somebody signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub account: Arc<Account>,
    /// His token.
    pub issued: Issued,
}

/// Why nobody signed in. The first is one answer for a wrong password and an unknown address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSignedIn {
    /// No such pair of address and password.
    #[error("wrong e-mail or password")]
    Wrong,
    /// Too many at once, or too many from one address: not looked at.
    #[error("too many sign-ins, try again later")]
    Limited,
}

/// Why a token leads to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// It is not believed.
    #[error("{0}")]
    Token(#[from] TokenFault),
    /// The account is gone, or has another role by now.
    #[error("the account is gone or has changed")]
    Account,
}

/// Everything about who somebody is, in one place.
pub struct Identity {
    /// The accounts and categories.
    pub accounts: Arc<Accounts>,
    /// The maker and reader of tokens.
    pub tokens: Arc<Tokens>,
    passwords: Passwords,
    guesses: Mutex<Guesses>,
}

impl Identity {
    /// Out of its parts; `sign_ins_per_minute` is the limit of one address.
    pub fn new(accounts: Arc<Accounts>, tokens: Arc<Tokens>, sign_ins_per_minute: u32) -> Identity {
        let guesses = Guesses { limit: sign_ins_per_minute, since: Time::default(), counts: HashMap::new() };
        Identity { accounts, tokens, passwords: Passwords::new(), guesses: Mutex::new(guesses) }
    }

    /// Signs in with e-mail and password. Wrong and unknown take the same time and say the same.
    pub async fn sign_in(
        &self,
        email: &str,
        password: String,
        from: IpAddr,
        now: Time,
    ) -> Result<SignedIn, NotSignedIn> {
        if !self.guesses.lock().unwrap_or_else(PoisonError::into_inner).allow(from, now) {
            return Err(NotSignedIn::Limited);
        }
        let account = self.accounts.by_email(email);
        let hash = account.as_ref().map(|account| account.hash.clone());
        let fits = self.passwords.verify(hash, password).await.map_err(|TooMany| NotSignedIn::Limited)?;
        match account {
            Some(account) if fits => {
                let issued = self.tokens.staff(account.person, account.role, now);
                Ok(SignedIn { account, issued })
            }
            Some(_) | None => Err(NotSignedIn::Wrong),
        }
    }

    /// Who comes with this token. A member of staff's account is looked at too: who was removed, or is something else
    /// by now, is turned away although his token is still good. His name is the account's.
    pub fn who(&self, token: &str, now: Time) -> Result<Bearer, Unknown> {
        let bearer = self.tokens.read(token, now)?;
        if bearer.role == Role::Customer {
            return Ok(bearer);
        }
        let account = self.accounts.get(bearer.person).filter(|account| account.role == bearer.role);
        let account = account.ok_or(Unknown::Account)?;
        Ok(Bearer { name: account.name.clone(), ..bearer })
    }

    /// A customer nobody has seen before, and the token he comes back with. Nothing is written for him yet.
    pub fn new_customer(&self, name: &str, email: &str, now: Time) -> (PersonId, Issued) {
        let person = new_person();
        (person, self.tokens.customer(person, name, email, now))
    }

    /// Hashes a password for an account.
    pub async fn hash(&self, password: String) -> Result<String, TooMany> {
        self.passwords.hash(password).await
    }
}

/// Sign-ins of each address in the running window. The growing delay for guesses will stand here.
struct Guesses {
    limit: u32,
    since: Time,
    counts: HashMap<IpAddr, u32>,
}

impl Guesses {
    fn allow(&mut self, from: IpAddr, now: Time) -> bool {
        if now.ms().abs_diff(self.since.ms()) >= WINDOW_MS || self.counts.len() >= ADDRESSES_MAX {
            self.counts.clear();
            self.since = now;
        }
        let count = self.counts.entry(from).or_default();
        *count = count.saturating_add(1);
        *count <= self.limit
    }
}

#[cfg(test)]
#[path = "sign_in_tests.rs"]
mod tests;
