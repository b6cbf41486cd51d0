//! The style, the scripts and the picture of the page: in the program, under names that change with
//! what they hold.

use super::reply::Reply;
use hyper::StatusCode;
use std::sync::LazyLock;

/// A file of the page.
pub(super) struct Asset {
    /// Its address.
    pub address: String,
    kind: &'static str,
    bytes: &'static [u8],
}

fn made(stem: &str, ending: &str, kind: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = blake3::hash(bytes).to_hex();
    Asset {
        address: format!("/assets/{stem}.{}.{ending}", &digest[..16]),
        kind,
        bytes,
    }
}

/// The style.
pub(super) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("assets/page.css");
    made("page", "css", "text/css; charset=utf-8", bytes)
});
/// The scripts, one for each concern. Everything works without them.
pub(super) static SCRIPTS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let files: &[(&str, &'static [u8])] = &[
        ("suggest", include_bytes!("assets/suggest.js")),
        ("keys", include_bytes!("assets/keys.js")),
        ("forms", include_bytes!("assets/forms.js")),
        ("place", include_bytes!("assets/place.js")),
        ("matches", include_bytes!("assets/matches.js")),
        ("tray", include_bytes!("assets/tray.js")),
        ("drop", include_bytes!("assets/drop.js")),
        ("saved", include_bytes!("assets/saved.js")),
        ("copy", include_bytes!("assets/copy.js")),
    ];
    let script = |(stem, bytes): &(&str, &'static [u8])| {
        made(stem, "js", "text/javascript; charset=utf-8", bytes)
    };
    files.iter().map(script).collect()
});
/// The picture in the tab.
pub(super) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("assets/icon.svg");
    made("icon", "svg", "image/svg+xml", bytes)
});

/// The file of a name.
pub(super) fn asset(name: &str) -> Option<Reply> {
    let mut all = SCRIPTS.iter().chain([&*STYLE, &*ICON]);
    let found = all.find(|asset| asset.address.strip_prefix("/assets/") == Some(name))?;
    Some(Reply::new(StatusCode::OK, found.kind, found.bytes).immutable())
}
