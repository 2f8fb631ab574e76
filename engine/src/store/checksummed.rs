//! The small files that sled makes itself, and whether they are what it wrote: each ends with a CRC32 of what is before.
//!
//! ```text
//! log/conf     settings, as text                             | CRC32 (4)
//! log/snap.*   where its pages lie, as of some point of its log | length (8) | CRC32 (4)
//! ```

/// Whether `log/conf` is whole; sled only warns where it is not. One of up to eight bytes it takes for none.
pub(super) fn is_whole_conf(bytes: &[u8]) -> bool {
    bytes.len() <= 8 || bytes.split_last_chunk().is_some_and(|(body, crc)| crc32(body) == u32::from_le_bytes(*crc))
}

/// Whether a snapshot is whole; of one that is not sled opens nothing.
pub(super) fn is_whole_snapshot(bytes: &[u8]) -> bool {
    let parts = bytes.split_last_chunk::<4>();
    let parts = parts.and_then(|(rest, crc)| Some((rest.split_last_chunk::<8>()?.0, crc)));
    parts.is_some_and(|(body, crc)| !body.is_empty() && crc32(body) == u32::from_le_bytes(*crc))
}

/// The checksum of gzip and PNG, which sled uses; ours are CRC32C.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
}

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let (mut crc, mut bit) = (at as u32, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn one_other_bit_makes_a_file_no_longer_whole() {
        let body = b"version: 0.34";
        let crc = crc32(body).to_le_bytes();
        let conf = [&body[..], &crc].concat();
        let snapshot = [&body[..], &13_u64.to_le_bytes(), &crc].concat();
        assert!(is_whole_conf(&conf) && is_whole_snapshot(&snapshot));
        for at in 0..body.len() {
            let (mut conf, mut snapshot) = (conf.clone(), snapshot.clone());
            (conf[at], snapshot[at]) = (conf[at] ^ 4, snapshot[at] ^ 4);
            assert!(!is_whole_conf(&conf) && !is_whole_snapshot(&snapshot), "{at}");
        }
        assert!(!is_whole_snapshot(&[]) && !is_whole_snapshot(&snapshot[13..]));
    }
}
