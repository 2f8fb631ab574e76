//! Who somebody is: staff accounts, passwords, tokens. Above the store, below the actors.
//!
//! | room | what is in it |
//! |---|---|
//! | [`account`] | an account and a category, as values and as records of the store |
//! | [`accounts`] | the table of them in memory, and how it is changed: on disk first |
//! | [`canned`] | canned replies: the table of them, and how it is changed |
//! | [`evaluations`] | forms in versions, and evaluations of agents by them |
//! | [`keep`] | where they are kept |
//! | [`notices`] | a person's notices as a record |
//! | [`passwords`] | argon2id, at most two at a time |
//! | [`keys`] | the keys that sign tokens, one file each |
//! | [`tokens`] | signed tokens of staff and customers |
//! | [`demo`] | the first category, and the demonstration's people |
//! | [`staffing`] | what an administrator sets of the floor |
//! | [`sign_in`] | e-mail and password in, token out; one answer for all that is wrong |

pub mod account;
pub mod accounts;
pub mod canned;
pub mod demo;
pub mod evaluations;
pub mod keep;
pub mod keys;
pub mod notices;
mod oversight;
pub mod passwords;
pub mod sign_in;
pub mod staffing;
pub mod tokens;

pub use account::{Account, Category, CategoryIds, DeskRecord};
pub use accounts::Accounts;
pub use keep::Keep;
pub use keys::Keys;
pub use passwords::Passwords;
pub use sign_in::{Identity, NotSignedIn, SignedIn, Unknown};
pub use tokens::{Bearer, Issued, SessionId, TokenFault, Tokens};

use deskwire_protocol::PersonId;

/// 64 bits that nobody can guess.
pub fn random_u64() -> u64 {
    getrandom::u64().expect("the kernel gives random numbers from boot on")
}

/// A new person.
pub fn new_person() -> PersonId {
    PersonId(random_u64())
}
