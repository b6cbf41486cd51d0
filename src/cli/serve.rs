//! `imr serve`: the page over an index, in a folder or on a cluster.

use super::args::SearchedArg;
use super::{FOUND, Failure};
use crate::index::Index;
use crate::search::Engine;
use crate::web::{Options, Searched, ServeError, Server};
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Serves a search page and an HTTP API over the index, to this machine alone unless told otherwise.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr serve --open                 open the page in the browser
  imr serve --port 8000 --index letters.imr
  imr serve --host 0.0.0.0 --allow-name records.office.lan
  imr serve --engine http://node1:9200/imr   search a cluster (imr push)

Only this computer can reach the page, unless you choose another --host. The
page shows new letters within a second or two. Press Ctrl-C to stop it.
Exit codes: 0 stopped, 2 error.")]
pub(super) struct Args {
    #[command(flatten)]
    index: SearchedArg,
    /// Port to listen on; 0 takes any free port
    #[arg(long, value_name = "N", default_value_t = 7878)]
    port: u16,
    /// Address to listen on; any other than 127.0.0.1 exposes the letters to the network
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: String,
    /// Another name by which browsers may reach the page (repeatable)
    #[arg(long, value_name = "NAME")]
    allow_name: Vec<String>,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// Include what was searched for in the log
    #[arg(long)]
    log_queries: bool,
    /// Log nothing
    #[arg(long, conflicts_with = "log_queries")]
    quiet: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let searched = match args.index.cluster()? {
        Some(cluster) => Searched::from(cluster),
        None => Searched::from(Engine::open(args.index.folder())?),
    };
    let is_folder = searched.is_folder();
    let options = Options {
        host: args.host.clone(),
        port: args.port,
        names: args.allow_name.clone(),
        log_queries: args.log_queries,
        ..Options::default()
    };
    let quiet = args.quiet;
    let log = Box::new(move |line: &str| {
        if !quiet {
            say!("imr: {line}");
        }
    });
    let failed = |e: ServeError| match e {
        ServeError::Taken(_) => Failure::Other(format!("{e}; choose another port with --port")),
        e => Failure::Other(e.to_string()),
    };
    let server = Server::bind(searched, options, log).map_err(failed)?;
    super::export::quiet_workbook();
    let address = server.address();
    let stopper = server.stopper();
    ctrlc::set_handler(move || stopper.stop()).map_err(|e| Failure::Other(e.to_string()))?;
    if !address.ip().is_loopback() {
        warn(address);
    }
    let page = page(address);
    writeln!(out, "{page}")?;
    out.flush()?;
    if args.open {
        open(&page);
    }
    if is_folder {
        verify(args.index.folder().clone());
    }
    server.run().map_err(failed)?;
    Ok(FOUND)
}

/// Compares every file of the index with its checksum while the first answers are given, and says what is wrong.
fn verify(index: PathBuf) {
    let begun = std::thread::Builder::new().spawn(move || {
        let checked = Index::open(&index).and_then(|index| index.check_files());
        if let Err(error) = checked {
            say!("imr: {error}; results from this index may be wrong");
        }
    });
    if let Err(e) = begun {
        let reason = crate::corpus::io_reason(&e);
        say!("imr: the index is not checked for damage: {reason}");
    }
}

/// Where a browser on this machine finds the page.
fn page(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        ip => ip,
    };
    format!("http://{}/", SocketAddr::new(ip, address.port()))
}

fn warn(address: SocketAddr) {
    say!(
        "imr: warning: {address} can be reached from other machines. Whoever reaches it can read every \
         letter of the index, medical histories among them: there is no login and no encryption. \
         Use it only on a network where everybody may, or behind a proxy that asks who they are."
    );
}

/// Opens a page in the browser; where none opens, the address stands there to be clicked.
fn open(page: &str) {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut start = Command::new("cmd");
        start.args(["/C", "start", ""]);
        start
    } else {
        Command::new("xdg-open")
    };
    let started = command
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match started {
        // Waited for elsewhere, so that it leaves no zombie.
        Ok(mut child) => {
            let _ = std::thread::Builder::new().spawn(move || child.wait());
        }
        Err(_) => say!("imr: no browser could be opened; go to {page}"),
    }
}
