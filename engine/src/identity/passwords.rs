//! Passwords: argon2id, on threads of their own, at most two at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use argon2::password_hash::rand_core::{CryptoRng, Error, RngCore};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{Semaphore, TryAcquireError};

/// Memory of one hash, in KiB (OWASP's first choice for argon2id, with the two below).
const MEMORY_KIB: u32 = 19_456;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes in it.
const LANES: u32 = 1;
/// Hashes at once: each takes 19 MiB and a core for some 20 ms.
const AT_ONCE: usize = 2;
/// Sign-ins that may wait for one of those; more are turned away at once.
const WAITING_MAX: usize = 256;

/// Hashes passwords and holds them against hashes. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Stands in for the hash of a person who does not exist, so that he takes as long as one who does.
    dummy: Arc<str>,
    /// KiB of memory passed over so far by comparisons.
    work: Arc<AtomicU64>,
}

/// Too many are waiting already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub struct TooMany;

impl Passwords {
    /// Makes the dummy hash; takes as long as one sign-in.
    pub fn new() -> Passwords {
        Passwords {
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            dummy: hash_now("a password of nobody").into(),
            work: Arc::default(),
        }
    }

    /// Hashes a password with a salt of its own.
    pub async fn hash(&self, password: String) -> Result<String, TooMany> {
        self.aside(move || hash_now(&password)).await
    }

    /// Whether the password is the one of this hash. Without a hash it takes the same time and says no.
    pub async fn verify(&self, hash: Option<String>, password: String) -> Result<bool, TooMany> {
        let (dummy, work) = (self.dummy.clone(), self.work.clone());
        self.aside(move || match hash {
            Some(hash) => verify_now(&hash, &password, &work),
            None => {
                // The answer is no, but only after the same work; `black_box` keeps the work from being left out.
                std::hint::black_box(verify_now(&dummy, &password, &work));
                false
            }
        })
        .await
    }

    /// What comparisons have cost so far: KiB of memory times passes, as their hashes ask for.
    pub fn work(&self) -> u64 {
        self.work.load(Relaxed)
    }

    async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, TooMany> {
        const OPEN: &str = "these semaphores are never closed";
        let waiting = match self.waiting.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits) => return Err(TooMany),
            Err(TryAcquireError::Closed) => unreachable!("{OPEN}"),
        };
        let permit = self.at_once.clone().acquire_owned().await.expect(OPEN);
        // The permits move into the work: who hangs up does not make room for one more hash while his still runs.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (waiting, permit);
            work()
        });
        Ok(done.await.expect("hashing does not panic"))
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords::new()
    }
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("these three are within the algorithm's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes at once, on this thread: for the command line and the demo.
pub fn hash_now(password: &str) -> String {
    let salt = SaltString::generate(&mut Kernel);
    let hash = argon2id().hash_password(password.as_bytes(), &salt);
    hash.expect("a password within the limits and a fresh salt have a hash").to_string()
}

/// A hash that does not parse fits no password.
fn verify_now(hash: &str, password: &str, work: &AtomicU64) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        if let Ok(params) = Params::try_from(&hash) {
            work.fetch_add(u64::from(params.m_cost()) * u64::from(params.t_cost()), Relaxed);
        }
        argon2id().verify_password(password.as_bytes(), &hash).is_ok()
    })
}

/// The kernel's random numbers in the form that the salt's maker takes.
struct Kernel;

impl CryptoRng for Kernel {}

impl RngCore for Kernel {
    fn next_u32(&mut self) -> u32 {
        super::random_u64() as u32
    }

    fn next_u64(&mut self) -> u64 {
        super::random_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the kernel gives random numbers from boot on");
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A08
    #[test]
    fn a_hash_is_argon2id_with_its_costs_and_a_salt_of_its_own() {
        let (one, other) = (hash_now("secret"), hash_now("secret"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(!one.contains("secret"));
    }

    /// A06, A08
    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new();
        let hash = passwords.hash("secret".into()).await.unwrap();
        for (stored, typed, fits) in [
            (Some(hash.clone()), "secret", true),
            (Some(hash.clone()), "Secret", false),
            (Some(hash), "", false),
            (Some("not a hash".into()), "secret", false),
            (None, "a password of nobody", false),
        ] {
            assert_eq!(passwords.verify(stored.clone(), typed.into()).await, Ok(fits), "{stored:?} {typed}");
        }
    }

    #[tokio::test]
    async fn more_than_may_wait_are_turned_away_at_once() {
        let passwords = Passwords::new();
        let held = passwords.waiting.clone().acquire_many_owned(WAITING_MAX as u32).await.unwrap();
        assert_eq!(passwords.verify(None, "x".into()).await, Err(TooMany));
        drop(held);
        assert_eq!(passwords.verify(None, "x".into()).await, Ok(false));
    }
}
