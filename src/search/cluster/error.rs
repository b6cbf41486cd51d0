//! Why a cluster did not do what it was asked, in one sentence.

use crate::search::SearchError;

/// Why a cluster did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The address cannot be used.
    #[error("the engine's address {0}")]
    Address(String),
    /// No node answers.
    #[error("no node of the cluster at {at} answers: {reason}")]
    Unreachable {
        /// Its address.
        at: String,
        /// Why, of the last one that was tried.
        reason: String,
    },
    /// It does not let this user in.
    #[error(
        "the cluster at {at} refuses access ({status}): set IMR_ENGINE_USER and IMR_ENGINE_PASSWORD, or IMR_ENGINE_API_KEY"
    )]
    Denied {
        /// Its address.
        at: String,
        /// The status of HTTP.
        status: u16,
    },
    /// Its certificate was not signed by an authority that is trusted, or is another machine's.
    #[error(
        "the certificate of the cluster at {at} is not trusted ({reason}); set IMR_ENGINE_CA to the certificate of the authority that signed it"
    )]
    Untrusted {
        /// Its address.
        at: String,
        /// Why not.
        reason: String,
    },
    /// It accepted nothing for too long.
    #[error(
        "the cluster at {at} accepted nothing for {seconds} s ({reason}); it keeps what was sent: run imr push again to continue"
    )]
    Stalled {
        /// Its address.
        at: String,
        /// How long.
        seconds: u64,
        /// Why, of what was refused last.
        reason: String,
    },
    /// Parts of the index are on no node that is there.
    #[error(
        "parts of the index '{index}' are on no node of the cluster at {at} (imr waited {seconds} s): start the missing node, or push with --recreate"
    )]
    Red {
        /// Its address.
        at: String,
        /// The index.
        index: String,
        /// How long.
        seconds: u64,
    },
    /// It refuses or fails.
    #[error("the cluster at {at} answers {status}: {reason}")]
    Answer {
        /// Its address.
        at: String,
        /// The status of HTTP.
        status: u16,
        /// What it says.
        reason: String,
    },
    /// There is no such index.
    #[error("the cluster at {at} has no index '{index}'; make it with: imr push --to {at}/{index}")]
    NoIndex {
        /// Its address.
        at: String,
        /// The index.
        index: String,
    },
    /// The index was made by something else.
    #[error(
        "the index '{index}' on the cluster is not what this version of imr writes ({found}); push with --recreate, or to another name"
    )]
    Foreign {
        /// The index.
        index: String,
        /// What it is instead.
        found: String,
    },
    /// The deadline has passed.
    #[error("this took too long; narrow the query")]
    TimedOut,
    /// A letter in the cluster cannot be read.
    #[error("a letter on the cluster cannot be read ({0}); push again")]
    Damaged(String),
    /// The index that is pushed.
    #[error(transparent)]
    Local(#[from] SearchError),
}

impl From<ClusterError> for SearchError {
    fn from(error: ClusterError) -> SearchError {
        match error {
            ClusterError::TimedOut => SearchError::TimedOut,
            ClusterError::Local(error) => error,
            // Another try may be answered by another node.
            ClusterError::Unreachable { .. }
            | ClusterError::Answer {
                status: 404 | 429 | 500..,
                ..
            } => SearchError::Lost(error.to_string()),
            other => SearchError::Remote(other.to_string()),
        }
    }
}
