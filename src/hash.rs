//! Digests and message authentication.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Returns the SHA-256 of `data` as 64 hexadecimal digits.
pub fn sha256(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

/// Returns the HMAC of `data` with SHA-256 under `key`, as 64 hexadecimal digits. A key may have any length.
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(data);
    hex(&mac.finalize().into_bytes())
}

/// Tells whether two texts are the same, in a time that depends on their lengths alone.
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
