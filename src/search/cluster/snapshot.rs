//! One state of a cluster's index, for all requests that make one answer: a point in time.

use super::client::{Body, Client};
use super::error::ClusterError;
use serde_json::{Value, json};
use std::time::Instant;

/// A state is kept for so long after each request.
const KEPT: &str = "2m";
/// How often a request of one state is made: if the node that keeps it is gone, another state is needed.
const TRIES: u32 = 3;

/// One state of the index; given back in the end.
pub(super) struct Snapshot<'c> {
    client: &'c Client,
    id: String,
    /// Elasticsearch gives states back in another place.
    elastic: bool,
    deadline: Option<Instant>,
}

impl<'c> Snapshot<'c> {
    pub(super) fn open(
        client: &'c Client,
        deadline: Option<Instant>,
    ) -> Result<Snapshot<'c>, ClusterError> {
        let index = client.index();
        let path = format!("{index}/_search/point_in_time?keep_alive={KEPT}");
        let opened = client.get("POST", &path, Body::Nothing, deadline);
        let (said, elastic) = match opened {
            Err(ClusterError::Answer {
                status: 400 | 405, ..
            }) => {
                let path = format!("{index}/_pit?keep_alive={KEPT}");
                (client.get("POST", &path, Body::Nothing, deadline)?, true)
            }
            said => (said?, false),
        };
        let id = said["pit_id"].as_str().or(said["id"].as_str());
        let id = id.unwrap_or_default().to_string();
        // A copy of every shard must be in it.
        if said["_shards"]["failed"].as_u64().unwrap_or(0) > 0 {
            let (at, reason) = (client.shown(), "not all shards can be read".to_string());
            return Err(ClusterError::Answer {
                at,
                status: 503,
                reason,
            });
        }
        Ok(Snapshot {
            client,
            id,
            elastic,
            deadline,
        })
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Searches it.
    pub(super) fn search(&self, mut body: Value) -> Result<Value, ClusterError> {
        body["pit"] = json!({"id": self.id, "keep_alive": KEPT});
        let path = "_search?search_type=dfs_query_then_fetch&allow_partial_search_results=false";
        self.client
            .tried("POST", path, Body::Json(&body), self.deadline, TRIES)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // One that is not given back ends by itself.
        let (path, body) = match self.elastic {
            false => ("_search/point_in_time", json!({"pit_id": [self.id]})),
            true => ("_pit", json!({"id": self.id})),
        };
        let _ = self
            .client
            .tried("DELETE", path, Body::Json(&body), self.deadline, 1);
    }
}
