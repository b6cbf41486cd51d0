//! Compressed files as plain streams, with a bound on how far they may expand.

use super::kind::Compression;
use super::{Limits, ReadError};
use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, Read};

/// A file that expands to so many times its size is no corpus of letters: text of letters shrinks
/// to a sixth or a tenth, PDFs hardly.
const MOST_EXPANSION: u64 = 250;
/// Up to here, in bytes, anything may expand.
const ANY_EXPANSION: u64 = 64 << 20;

/// How many bytes may come out of a file of this size.
#[must_use]
pub(super) fn most_bytes(packed: u64) -> u64 {
    packed.saturating_mul(MOST_EXPANSION).max(ANY_EXPANSION)
}

/// What the reader of a bomb is told.
pub(super) const BOMB: &str = "expands to more than 250 times its size";

/// A stream without its compression.
pub(super) fn unpack<'r>(
    packing: Option<Compression>,
    packed: impl BufRead + 'r,
    limits: Limits,
) -> Box<dyn Read + 'r> {
    match packing {
        None => Box::new(packed),
        Some(Compression::Gzip) => Box::new(Gzip {
            member: Some(GzDecoder::new(packed)),
            empty: 0,
        }),
        Some(Compression::Zstd) => Box::new(Zstd::new(packed, limits.window())),
    }
}

/// Reads all of a stream that may have at most `most` bytes.
///
/// # Errors
/// If it has more or cannot be read.
pub(super) fn read_up_to(stream: &mut dyn Read, most: u64) -> Result<Vec<u8>, ReadError> {
    read_about(stream, 0, most)
}

/// As [`read_up_to`], of a stream that tells how long it is.
pub(super) fn read_about(
    stream: &mut dyn Read,
    length: u64,
    most: u64,
) -> Result<Vec<u8>, ReadError> {
    // A file that is larger than a letter may be is not believed.
    let length = if length <= most { length } else { 0 };
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    stream
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|e| ReadError::Io(super::io_reason(&e)))?;
    if bytes.len() as u64 > most {
        return Err(ReadError::TooLarge(most));
    }
    Ok(bytes)
}

/// Reads on, and ends with an error once more bytes came than allowed.
pub(super) struct SizeLimitedReader<R> {
    stream: R,
    /// Bytes that may still come; none once more have come.
    left: Option<u64>,
}

impl<R> SizeLimitedReader<R> {
    /// Allows `most` bytes of a stream.
    pub(super) fn new(stream: R, most: u64) -> SizeLimitedReader<R> {
        SizeLimitedReader {
            stream,
            left: Some(most),
        }
    }

    /// How many bytes may still come; `None` once there were too many.
    pub(super) fn left(&self) -> Option<u64> {
        self.left
    }
}

impl<R: Read> Read for SizeLimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.left else {
            return Err(io::Error::other(BOMB));
        };
        let read = self.stream.read(buffer)?;
        self.left = left.checked_sub(read as u64);
        match self.left {
            Some(_) => Ok(read),
            None => Err(io::Error::other(BOMB)),
        }
    }
}

/// A stream may end or be flushed with some blocks or members that hold nothing; of a file that has more of them in a row
/// nothing is to be waited for.
const MOST_EMPTY: u32 = 4096;

/// All members of a gzip stream, one after another, also where zeros or ends of lines stand between them. What else
/// follows the last is padding of a tape or of a download; it is passed over, as gzip does.
struct Gzip<R> {
    /// The member that is being read; none behind the last.
    member: Option<GzDecoder<R>>,
    /// Members in a row that held nothing.
    empty: u32,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(decoder) = &mut self.member {
            let read = decoder.read(buffer)?;
            if read > 0 {
                self.empty = 0;
                return Ok(read);
            }
            self.empty += 1;
            if self.empty > MOST_EMPTY {
                return Err(io::Error::other("broken gzip data"));
            }
            let Some(mut packed) = self.member.take().map(GzDecoder::into_inner) else {
                break;
            };
            pass_padding(&mut packed)?;
            let next = packed.fill_buf()?;
            if next.starts_with(&[0x1f, 0x8b]) || next == [0x1f] {
                self.member = Some(GzDecoder::new(packed));
            }
        }
        Ok(0)
    }
}

/// Goes on to what is neither a zero nor the end of a line.
fn pass_padding(stream: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = stream.fill_buf()?;
        let padding = buffer.iter().take_while(|b| matches!(b, 0 | b'\r' | b'\n'));
        let (padding, all) = (padding.count(), buffer.len());
        stream.consume(padding);
        if padding < all || all == 0 {
            return Ok(());
        }
    }
}

/// All frames of a zstd stream, one after another.
struct Zstd<R> {
    packed: R,
    decoder: FrameDecoder,
    in_frame: bool,
    /// Blocks and frames in a row that held nothing.
    empty: u32,
}

impl<R: BufRead> Zstd<R> {
    fn new(packed: R, most_window: u64) -> Zstd<R> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(most_window);
        Zstd {
            packed,
            decoder,
            in_frame: false,
            empty: 0,
        }
    }

    /// Begins the next frame; false at the end of the stream.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            if self.packed.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.packed) {
                Ok(()) => {
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let skipped = io::copy(&mut (&mut self.packed).take(length), &mut io::sink())?;
                    if skipped < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(_) => return Err(broken()),
            }
        }
    }
}

fn broken() -> io::Error {
    io::Error::other("broken zstd data")
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame && !self.next_frame()? {
                return Ok(0);
            }
            if self.decoder.can_collect() > 0 {
                self.empty = 0;
                return self.decoder.read(buffer);
            }
            self.empty += 1;
            if self.empty > MOST_EMPTY {
                return Err(broken());
            }
            if self.decoder.is_finished() {
                let (told, found) = (
                    self.decoder.get_checksum_from_data(),
                    self.decoder.get_calculated_checksum(),
                );
                if told.is_some() && told != found {
                    return Err(io::Error::other("broken zstd data: its checksum differs"));
                }
                self.in_frame = false;
                continue;
            }
            self.decoder
                .decode_blocks(&mut self.packed, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|_| broken())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    fn plain(packing: Compression, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        unpack(Some(packing), bytes, Limits::default())
            .read_to_end(&mut out)
            .map(|_| out)
    }

    #[test]
    fn zstd_of_several_frames() {
        let one = compress_to_vec(&b"first "[..], CompressionLevel::Fastest);
        let two = compress_to_vec(&b"second"[..], CompressionLevel::Uncompressed);
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        let all = [one, skipped, two].concat();
        assert_eq!(plain(Compression::Zstd, &all).unwrap(), b"first second");
        assert!(plain(Compression::Zstd, &all[..all.len() - 3]).is_err());
        assert!(plain(Compression::Zstd, b"no zstd at all").is_err());
        assert!(plain(Compression::Gzip, b"no gzip at all").is_err());
    }

    #[test]
    fn gzip_of_several_members_and_with_something_behind() {
        let packed = |text: &[u8]| {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            io::Write::write_all(&mut out, text).unwrap();
            out.finish().unwrap()
        };
        let two = [packed(b"first "), packed(b""), packed(b"second")].concat();
        for behind in [&[][..], &[0; 700], b"and so on", b"\n"] {
            let all = [&two, behind].concat();
            assert_eq!(plain(Compression::Gzip, &all).unwrap(), b"first second");
        }
        let apart = [
            packed(b"first "),
            vec![0; 512],
            packed(b"second"),
            b"\n".to_vec(),
        ]
        .concat();
        assert_eq!(plain(Compression::Gzip, &apart).unwrap(), b"first second");
        assert!(plain(Compression::Gzip, &packed(b"").repeat(5000)).is_err());
        assert!(plain(Compression::Gzip, &two[..two.len() - 3]).is_err());
    }

    #[test]
    fn a_bomb_ends_early() {
        let mut bounded = SizeLimitedReader::new(io::repeat(b'a'), 1000);
        let error = io::copy(&mut bounded, &mut io::sink()).unwrap_err();
        assert_eq!(error.to_string(), BOMB);
    }
}
