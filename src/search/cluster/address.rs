//! Where a cluster is, and how one gets in: addresses from the command line, secrets from the environment.

use super::error::ClusterError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The name of an index that the address does not name.
const DEFAULT_INDEX: &str = "imr";

/// The variables that hold secrets, and the file of the authority that signs the cluster's certificates.
const USER: &str = "IMR_ENGINE_USER";
const PASSWORD: &str = "IMR_ENGINE_PASSWORD";
const API_KEY: &str = "IMR_ENGINE_API_KEY";
const CA_FILE: &str = "IMR_ENGINE_CA";

/// The nodes of a cluster, and an index on it.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Scheme, host and port of each node that is asked, the first one first.
    pub nodes: Vec<String>,
    /// The index.
    pub index: String,
    /// The value of the header that lets one in.
    pub(super) authorization: Option<String>,
    /// The certificate of the authority, as a file.
    pub(super) authority: Option<String>,
}

/// Without secrets.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address")
            .field("nodes", &self.nodes)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl Address {
    /// Reads an address, `http://host:9200/index`, or several hosts with commas between:
    /// `http://a:9200,http://b:9200/index`. Secrets are taken from the environment.
    ///
    /// # Errors
    /// If it is none, holds a password, or would send one in the clear to another machine.
    pub fn read(typed: &str) -> Result<Address, ClusterError> {
        Address::with(typed, &|name| {
            std::env::var(name).ok().filter(|value| !value.is_empty())
        })
    }

    fn with(
        typed: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Address, ClusterError> {
        let refuse = |why: &str| Err(ClusterError::Address(why.to_string()));
        let mut nodes = Vec::new();
        let mut index = DEFAULT_INDEX.to_string();
        for part in typed.split(',').map(str::trim) {
            let (scheme, rest) = match part.split_once("://") {
                Some((scheme @ ("http" | "https"), rest)) => (scheme, rest),
                Some(_) => return refuse("must begin with http:// or https://"),
                None => ("http", part),
            };
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            if host.contains('@') {
                return refuse(
                    "contains a user or a password; set IMR_ENGINE_USER and IMR_ENGINE_PASSWORD instead",
                );
            }
            let is_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
            if host.is_empty() || !host.chars().all(is_host) {
                return refuse("names no host; the form is http://host:9200/index");
            }
            let path = path.trim_end_matches('/');
            if !path.is_empty() {
                index = path.to_string();
            }
            nodes.push(format!("{scheme}://{host}"));
        }
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if !index.chars().all(is_name) || index.starts_with(['-', '_', '.']) {
            return refuse(
                "names an index that is not valid: use lower-case letters, digits, '-' and '_'",
            );
        }
        let authorization = match (variable(API_KEY), variable(USER), variable(PASSWORD)) {
            (Some(key), _, _) => Some(format!("ApiKey {key}")),
            (None, Some(user), password) => {
                let both = format!("{user}:{}", password.unwrap_or_default());
                Some(format!("Basic {}", STANDARD.encode(both)))
            }
            (None, None, Some(_)) => {
                return refuse("has a password but no user: set IMR_ENGINE_USER");
            }
            (None, None, None) => None,
        };
        let in_the_clear = |node: &&String| node.starts_with("http:") && !is_here(node);
        if authorization.is_some() && nodes.iter().any(|node| in_the_clear(&node)) {
            return refuse(
                "is plain http to another machine: imr sends a password or key only over https",
            );
        }
        Ok(Address {
            nodes,
            index,
            authorization,
            authority: variable(CA_FILE),
        })
    }

    /// The nodes, as a message names them.
    #[must_use]
    pub fn shown(&self) -> String {
        self.nodes.join(",")
    }
}

/// Whether a node is on this machine.
fn is_here(node: &str) -> bool {
    let host = node.rsplit("://").next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let loopback = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    name == "localhost" || loopback.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str, variables: &[(&str, &str)]) -> Result<Address, ClusterError> {
        Address::with(typed, &|name| {
            let own = variables.iter().find(|(known, _)| *known == name);
            own.map(|(_, value)| (*value).to_string())
        })
    }

    #[test]
    fn addresses() {
        let one = read("http://localhost:9200", &[]).unwrap();
        assert_eq!(
            (one.nodes[0].as_str(), one.index.as_str()),
            ("http://localhost:9200", "imr")
        );
        let three = read("http://a:1,http://b:2,https://c/letters/", &[]).unwrap();
        assert_eq!((three.nodes.len(), three.index.as_str()), (3, "letters"));
        assert_eq!(
            read("node:9200/x", &[]).unwrap().nodes,
            ["http://node:9200"]
        );
        for wrong in [
            "",
            "ftp://a",
            "http:///x",
            "http://a b",
            "http://a/Upper",
            "http://a/_all",
            "http://a/b/c",
        ] {
            assert!(read(wrong, &[]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn secrets_stand_in_no_address_and_in_no_message() {
        let error = read("http://me:hunter2@a/x", &[]).unwrap_err().to_string();
        assert!(
            error.contains("IMR_ENGINE_PASSWORD") && !error.contains("hunter2"),
            "{error}"
        );
        let secret = [
            ("IMR_ENGINE_USER", "me"),
            ("IMR_ENGINE_PASSWORD", "hunter2"),
        ];
        let address = read("https://a/x", &secret).unwrap();
        assert_eq!(
            address.authorization.as_deref(),
            Some("Basic bWU6aHVudGVyMg==")
        );
        assert!(!format!("{address:?}").contains("bWU6"));
        // In the clear only on this machine.
        assert!(read("http://127.0.0.1:9200", &secret).is_ok());
        assert!(read("http://[::1]:9200", &secret).is_ok());
        let error = read("http://other:9200", &secret).unwrap_err().to_string();
        assert!(
            error.contains("https") && !error.contains("hunter2"),
            "{error}"
        );
        let key = [("IMR_ENGINE_API_KEY", "k")];
        assert_eq!(
            read("https://a", &key).unwrap().authorization.as_deref(),
            Some("ApiKey k")
        );
    }
}
