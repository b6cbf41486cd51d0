//! Thrift's compact protocol, as much of it as Parquet's headers need.

/// Types of fields and of elements of lists.
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// A struct being written: its fields in ascending order of their numbers.
#[derive(Default)]
pub(super) struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    /// Begins a field: Parquet's numbers are below 16, so that the difference to the one before fits.
    fn field(&mut self, number: u8, kind: u8) {
        self.bytes.push((number - self.last) << 4 | kind);
        self.last = number;
    }

    /// Adds a whole number of 32 bits; enumerations are such numbers.
    #[must_use]
    pub(super) fn i32(mut self, number: u8, value: i32) -> Struct {
        self.field(number, I32);
        zigzag(&mut self.bytes, value.into());
        self
    }

    /// Adds a whole number of 64 bits.
    #[must_use]
    pub(super) fn i64(mut self, number: u8, value: i64) -> Struct {
        self.field(number, I64);
        zigzag(&mut self.bytes, value);
        self
    }

    /// Adds a text.
    #[must_use]
    pub(super) fn text(mut self, number: u8, text: &str) -> Struct {
        self.field(number, BINARY);
        binary(&mut self.bytes, text);
        self
    }

    /// Adds a struct.
    #[must_use]
    pub(super) fn nested(mut self, number: u8, nested: Struct) -> Struct {
        self.field(number, STRUCT);
        self.bytes.extend(nested.end());
        self
    }

    /// Adds a list of structs.
    #[must_use]
    pub(super) fn structs(self, number: u8, elements: Vec<Struct>) -> Struct {
        self.list(number, STRUCT, elements, |bytes, element| {
            bytes.extend(element.end());
        })
    }

    /// Adds a list of numbers of 32 bits.
    #[must_use]
    pub(super) fn i32s(self, number: u8, elements: &[i32]) -> Struct {
        self.list(number, I32, elements.to_vec(), |bytes, element| {
            zigzag(bytes, element.into());
        })
    }

    /// Adds a list of texts.
    #[must_use]
    pub(super) fn texts(self, number: u8, elements: &[&str]) -> Struct {
        self.list(number, BINARY, elements.to_vec(), binary)
    }

    fn list<T>(
        mut self,
        number: u8,
        kind: u8,
        elements: Vec<T>,
        write: fn(&mut Vec<u8>, T),
    ) -> Struct {
        self.field(number, LIST);
        match u8::try_from(elements.len()) {
            Ok(few @ 0..15) => self.bytes.push(few << 4 | kind),
            _ => {
                self.bytes.push(0xf0 | kind);
                varint(&mut self.bytes, elements.len() as u64);
            }
        }
        for element in elements {
            write(&mut self.bytes, element);
        }
        self
    }

    /// The bytes of the whole struct.
    #[must_use]
    pub(super) fn end(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

fn binary(bytes: &mut Vec<u8>, text: &str) {
    varint(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn zigzag(bytes: &mut Vec<u8>, value: i64) {
    varint(bytes, (value << 1 ^ value >> 63).cast_unsigned());
}

/// Seven bits to a byte, the low ones first.
pub(super) fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_as_the_compact_protocol_has_them() {
        let nested = Struct::default().text(4, "ab");
        let bytes = Struct::default()
            .i32(1, -1)
            .i64(3, 300)
            .nested(5, nested)
            .i32s(7, &[1, 2])
            .end();
        let expected = [
            0x15, 0x01, // field 1, i32, -1 as zigzag
            0x26, 0xd8, 0x04, // field 3, i64, 600 as a varint
            0x2c, 0x48, 0x02, b'a', b'b', 0x00, // field 5, a struct with a binary as field 4
            0x29, 0x25, 0x02, 0x04, // field 7, a list of two i32
            0x00,
        ];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn long_lists_have_their_length_behind_their_type() {
        let bytes = Struct::default().texts(1, &["x"; 20]).end();
        assert_eq!(bytes[..5], [0x19, 0xf8, 20, 1, b'x']);
        assert_eq!(bytes.len(), 3 + 40 + 1);
    }
}
