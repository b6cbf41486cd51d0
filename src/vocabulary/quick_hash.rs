//! A hash for short keys of our own tables. It withstands no attacker, so nothing that is read is
//! ever a key: texts are only looked up.

use std::hash::{BuildHasherDefault, Hasher};

/// Eight bytes and a multiplication at a time.
#[derive(Default)]
pub struct QuickHasher(u64);

/// For maps of tables.
pub type QuickHash = BuildHasherDefault<QuickHasher>;

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut eight = [0; 8];
            eight[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(eight));
        }
    }

    /// Ends a text, which is of use only where a key is made of several.
    fn write_u8(&mut self, _: u8) {}

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
