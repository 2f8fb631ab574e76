//! The keys that sign tokens: one file each, its name the key's id, its ending the algorithm.
//!
//! The algorithm belongs to the key, never to a token's header, so a token cannot choose how it is looked at. All keys of
//! the directory verify, one signs; a key is retired by deleting its file, which ends the tokens it signed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::jwk::EllipticCurve;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

/// The name of the key that is made at the first start. Later ones sort behind it: `k0002` and so on.
const FIRST: &str = "k0001";
/// Bytes of a key: an HS256 secret or an Ed25519 seed.
const KEY_BYTES: usize = 32;
/// What stands before the seed of an Ed25519 key in its PKCS#8 form (RFC 8410, section 7).
const ED25519_PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Why there are no keys to work with.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The directory or a file of it cannot be read or made.
    #[error("{path}: {fault}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        fault: io::Error,
    },
    /// A file that is no key.
    #[error("{0}: a key file is named KEY.hs256 or KEY.ed25519 and holds 64 hexadecimal digits")]
    Form(PathBuf),
    /// Others may read it.
    #[error("{0}: others than its owner can read this key; chmod 600 it")]
    Open(PathBuf),
    /// The same id with two endings.
    #[error("{0}: there is another key of this name")]
    Twice(PathBuf),
    /// The setting names a key that is not there.
    #[error("auth.signing_key = {0:?}: there is no such key in the directory of keys")]
    NoSuchKey(String),
}

/// One key: what signs, what verifies, and with which algorithm.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) signs: EncodingKey,
    pub(super) verifies: DecodingKey,
}

/// The table of keys.
pub struct Keys {
    table: BTreeMap<String, Key>,
    signing: String,
}

impl Keys {
    /// Reads the directory; where it holds no key, makes one. `signing` names the key that signs, empty means the last
    /// by name.
    pub fn open(directory: &Path, signing: &str) -> Result<Keys, KeyFault> {
        let mut table = read_all(directory)?;
        if table.is_empty() {
            let secret = random_key();
            write_first(directory, &secret)?;
            table.insert(FIRST.to_owned(), hs256(&secret));
        }
        Keys::of(table, signing)
    }

    /// Keys out of memory, for tests and for a desk that forgets its people at the end: name, and the secret of an
    /// HS256 key.
    pub fn from_secrets(secrets: &[(&str, [u8; KEY_BYTES])]) -> Keys {
        let table = secrets.iter().map(|(id, secret)| ((*id).to_owned(), hs256(secret))).collect();
        Keys::of(table, "").expect("the caller names one at least")
    }

    fn of(table: BTreeMap<String, Key>, signing: &str) -> Result<Keys, KeyFault> {
        let last = || table.keys().next_back().cloned();
        let signing = if signing.is_empty() { last() } else { Some(signing.to_owned()) };
        match signing {
            Some(signing) if table.contains_key(&signing) => Ok(Keys { table, signing }),
            other => Err(KeyFault::NoSuchKey(other.unwrap_or_default())),
        }
    }

    /// The key that signs, and its id.
    pub(super) fn signing(&self) -> (&str, &Key) {
        let key = self.table.get(&self.signing).expect("the table was made with the signing key in it");
        (&self.signing, key)
    }

    /// The key of an id.
    pub(super) fn get(&self, id: &str) -> Option<&Key> {
        self.table.get(id)
    }
}

fn random_key() -> [u8; KEY_BYTES] {
    let mut secret = [0; KEY_BYTES];
    getrandom::fill(&mut secret).expect("the kernel gives random numbers from boot on");
    secret
}

fn hs256(secret: &[u8; KEY_BYTES]) -> Key {
    Key {
        algorithm: Algorithm::HS256,
        signs: EncodingKey::from_secret(secret),
        verifies: DecodingKey::from_secret(secret),
    }
}

/// `None` where the library refuses the seed.
fn ed25519(seed: &[u8; KEY_BYTES]) -> Option<Key> {
    let pkcs8 = [&ED25519_PKCS8[..], seed].concat();
    let public = DEFAULT_PROVIDER.key_utils.ed_pub_components_from_private_key;
    let public = public(&pkcs8, &EllipticCurve::Ed25519).ok()?;
    Some(Key {
        algorithm: Algorithm::EdDSA,
        signs: EncodingKey::from_ed_der(&pkcs8),
        verifies: DecodingKey::from_ed_der(&public),
    })
}

fn read_all(directory: &Path) -> Result<BTreeMap<String, Key>, KeyFault> {
    let failed = |fault| KeyFault::File { path: directory.to_owned(), fault };
    fs::create_dir_all(directory).map_err(failed)?;
    let mut table = BTreeMap::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let (id, key) = read_one(&path)?;
        if table.insert(id, key).is_some() {
            return Err(KeyFault::Twice(path));
        }
    }
    Ok(table)
}

fn read_one(path: &Path) -> Result<(String, Key), KeyFault> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |fault| KeyFault::File { path: path.to_owned(), fault };
    if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyFault::Open(path.to_owned()));
    }
    let form = || KeyFault::Form(path.to_owned());
    let text = fs::read_to_string(path).map_err(failed)?;
    let bytes = from_hex(text.trim()).ok_or_else(form)?;
    let id = path.file_stem().and_then(|stem| stem.to_str()).ok_or_else(form)?;
    let key = match path.extension().and_then(|ending| ending.to_str()) {
        Some("hs256") => Some(hs256(&bytes)),
        Some("ed25519") => ed25519(&bytes),
        _ => None,
    };
    Ok((id.to_owned(), key.ok_or_else(form)?))
}

/// Written under another name first: a start that is killed here leaves no half key.
fn write_first(directory: &Path, secret: &[u8; KEY_BYTES]) -> Result<(), KeyFault> {
    let path = directory.join(format!("{FIRST}.hs256"));
    let write = || {
        let unnamed = directory.with_extension("new");
        let mut file = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unnamed)?;
        let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(file, "{digits}")?;
        file.sync_all()?;
        fs::rename(&unnamed, &path)?;
        fs::File::open(directory)?.sync_all()
    };
    write().map_err(|fault| KeyFault::File { path: path.clone(), fault })
}

fn from_hex(text: &str) -> Option<[u8; KEY_BYTES]> {
    if text.len() != 2 * KEY_BYTES || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; KEY_BYTES];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn put(directory: &Path, name: &str, text: &str, mode: u32) {
        let path = directory.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn fault(directory: &Path, signing: &str) -> String {
        Keys::open(directory, signing).map(|_| ()).unwrap_err().to_string()
    }

    /// A09
    #[test]
    fn the_first_start_makes_a_key_that_only_its_owner_reads_and_the_second_finds_it() {
        let directory = tempfile::tempdir().unwrap();
        let keys = directory.path().join("keys");
        assert_eq!(Keys::open(&keys, "").unwrap().signing().0, FIRST);
        let file = keys.join("k0001.hs256");
        let first = fs::read_to_string(&file).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        Keys::open(&keys, "").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), first);
        assert_eq!(fs::read_dir(&keys).unwrap().count(), 1);
    }

    /// A09
    #[test]
    fn the_last_key_signs_unless_a_setting_names_another() {
        let directory = tempfile::tempdir().unwrap();
        put(directory.path(), "a.ed25519", &"01".repeat(32), 0o600);
        put(directory.path(), "b.hs256", &"02".repeat(32), 0o600);
        let keys = Keys::open(directory.path(), "").unwrap();
        assert_eq!((keys.signing().0, keys.signing().1.algorithm), ("b", Algorithm::HS256));
        let keys = Keys::open(directory.path(), "a").unwrap();
        assert_eq!((keys.signing().0, keys.signing().1.algorithm), ("a", Algorithm::EdDSA));
        assert!(fault(directory.path(), "c").contains("auth.signing_key = \"c\""));
    }

    #[test]
    fn a_file_that_is_no_key_names_itself() {
        for (name, text, mode, words) in [
            ("a.hs256", "0102", 0o600, "64 hexadecimal digits"),
            ("a.hs256", &"zz".repeat(32), 0o600, "64 hexadecimal digits"),
            ("a.rs256", &"02".repeat(32), 0o600, "KEY.hs256 or KEY.ed25519"),
            ("a.hs256", &"02".repeat(32), 0o644, "others than its owner can read"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            put(directory.path(), name, text, mode);
            assert!(fault(directory.path(), "").contains(words), "{name} {text} {mode:o}");
        }
    }
}
