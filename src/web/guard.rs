//! Requests that are not even looked at.

use super::refusal::Refusal;
use hyper::{HeaderMap, Method, StatusCode, Uri, header};
use std::net::IpAddr;

/// The longest address, in bytes.
const LONGEST_ADDRESS: usize = 8 << 10;

/// Under which names the page is reached. A page of another site whose name suddenly means this
/// machine (DNS rebinding) is told from ours by the name in its requests.
#[derive(Debug, Clone)]
pub(super) struct Names {
    names: Vec<String>,
    /// Bound to every address of the machine: any number is one of them. Numbers cannot be rebound.
    any_number: bool,
}

impl Names {
    /// The names of what listens on an address, which was named `host`, and further ones.
    pub(super) fn new(host: &str, bound: IpAddr, more: &[String]) -> Names {
        let own = ["localhost", "127.0.0.1", "[::1]"];
        let mut names: Vec<String> = own.iter().map(ToString::to_string).collect();
        names.push(host.to_lowercase());
        names.push(match bound {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
        names.extend(more.iter().map(|name| name.to_lowercase()));
        Names {
            names,
            any_number: bound.is_unspecified(),
        }
    }

    fn has(&self, host: &str) -> bool {
        let name = without_port(host).to_lowercase();
        let number = name.trim_start_matches('[').trim_end_matches(']');
        self.names.contains(&name) || (self.any_number && number.parse::<IpAddr>().is_ok())
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The methods that an address answers. What is posted is a document, which is read for one answer and
/// changes nothing.
pub(super) fn allowed(path: &str) -> &'static str {
    match path {
        "/api/similar" => "POST",
        "/similar" => "GET, HEAD, POST",
        _ => "GET, HEAD",
    }
}

/// Refuses what is no request for this page.
pub(super) fn check(
    names: &Names,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    // An absolute address names the host too, and could name another.
    let absolute = uri.authority().map(hyper::http::uri::Authority::as_str);
    let named = host.is_some_and(|host| names.has(host))
        && hosts.next().is_none()
        && absolute.is_none_or(|host| names.has(host));
    if !named {
        return Err(Refusal::new(
            StatusCode::MISDIRECTED_REQUEST,
            "imr does not answer to this name unless it was started with this name allowed",
        ));
    }
    if method == Method::POST && allowed(uri.path()).ends_with("POST") {
        // A page of another site may not have its visitors' browser ask here.
        let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str());
        let own = match origin {
            None => true,
            Some(origin) => origin
                .ok()
                .and_then(|origin| origin.split_once("://"))
                .is_some_and(|(_, host)| names.has(host)),
        };
        if !own {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "imr takes documents from its own page only",
            ));
        }
    } else if !allowed(uri.path()).split(", ").any(|one| method == one) {
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!(
                "imr only accepts {} here: requests change nothing",
                allowed(uri.path()).replace(", ", " and ")
            ),
        ));
    }
    if uri.to_string().len() > LONGEST_ADDRESS {
        return Err(Refusal::new(
            StatusCode::URI_TOO_LONG,
            format!("the address is longer than {LONGEST_ADDRESS} bytes"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_answered() {
        let local = Names::new("127.0.0.1", "127.0.0.1".parse().unwrap(), &[]);
        for host in ["localhost:7878", "127.0.0.1", "[::1]:7878", "LOCALHOST"] {
            assert!(local.has(host), "{host}");
        }
        for host in [
            "evil.example:7878",
            "10.0.0.1",
            "localhost.evil.example",
            "",
        ] {
            assert!(!local.has(host), "{host}");
        }
        let wide = Names::new("0.0.0.0", "0.0.0.0".parse().unwrap(), &["Office-PC".into()]);
        assert!(wide.has("10.0.0.1:80") && wide.has("office-pc") && wide.has("[fe80::1]:80"));
        assert!(!wide.has("evil.example"));
    }
}
