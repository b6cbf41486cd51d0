//! What a format of exports is called.

/// What a format is called.
pub(super) struct FormatInfo {
    /// The extensions of its files, the usual one first.
    pub extensions: &'static [&'static str],
    /// Its media type (RFC 6838).
    pub media_type: &'static str,
    /// What it is called where it cannot be shown on a terminal; None for text.
    pub binary_name: Option<&'static str>,
}
