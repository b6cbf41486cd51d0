//! Sending what an index holds to a cluster.
//!
//! The letters here and there are walked side by side in the order of their identities: what is new or has
//! changed is sent, what is gone is deleted, the rest is left alone. So a push that was interrupted goes on
//! where it was, and one that has nothing to do sends nothing.

use super::address::Address;
use super::client::{Body, Client, SILENT, reason_of};
use super::document::Packed;
use super::error::ClusterError;
use super::mapping;
use crate::fields;
use crate::index::indexing_digest;
use crate::search::{Engine, EveryLetter};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Letters that are made ready side by side.
const CHUNK: usize = 256;
/// A request of the bulk API is sent once it has so many bytes.
const BULK_BYTES: usize = 4 << 20;
/// Requests that may wait to be sent: what bounds the memory.
const WAITING: usize = 2;
/// Identities that are listed in one go.
const PAGE: usize = 10_000;
/// How often letters that the cluster was too busy for are sent again.
const ROUNDS: u32 = 10;
/// The first pause before that; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A cluster waits so long for a part of an index that is not there; then it is asked again.
const PART: &str = "timeout=10s";
/// A new index that is not whole after this time was made on a node that is gone.
const WHOLE: Duration = Duration::from_secs(20);
/// How long letters wait for each part of the index to have its copies.
const COPIED: Duration = Duration::from_secs(20);
/// Between two looks whether an index is whole.
const LOOK: Duration = Duration::from_millis(500);
/// Letters by which lengths are told.
const SAMPLED: usize = 500;
/// The document that says what state of an index was pushed.
pub(super) const STATE: &str = "imr-state";

/// What to push, and where to.
pub struct Push<'p> {
    /// The index.
    pub engine: &'p Engine,
    /// The cluster.
    pub to: Address,
    /// Shards of an index that is made.
    pub shards: u32,
    /// Copies of each shard, besides the first.
    pub replicas: u32,
    /// Delete what is there before.
    pub recreate: bool,
    /// How long the cluster may take nothing, or a request go unanswered, before the push ends.
    pub patience: Duration,
    /// Told of waits, in one line each.
    pub notice: Option<fn(&str)>,
}

/// How long a push waits unless told otherwise, in seconds.
pub const PUSH_WAITS: u64 = 300;

/// A letter that the cluster did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The letter's identity.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// What a push did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushReport {
    /// Letters of the index.
    pub letters: u64,
    /// Letters that were sent and taken.
    pub sent: u64,
    /// Letters that were there already.
    pub unchanged: u64,
    /// Letters on the cluster that the index does not hold any more.
    pub deleted: u64,
    /// Letters that were sent again, because the cluster was too busy for them.
    pub again: u64,
    /// Letters that the cluster did not take.
    pub refused: Vec<Refused>,
}

/// Lines of the bulk API, each with the identity of its document.
struct Bulk {
    actions: Vec<(String, Vec<u8>, bool)>,
    bytes: usize,
    /// When it was begun.
    made: Instant,
}

impl Default for Bulk {
    fn default() -> Bulk {
        Bulk {
            actions: Vec::new(),
            bytes: 0,
            made: Instant::now(),
        }
    }
}

impl Bulk {
    fn index(&mut self, id: &str, document: &Value) {
        let mut lines = format!("{{\"index\":{{\"_id\":\"{id}\"}}}}\n").into_bytes();
        lines.extend(serde_json::to_vec(document).unwrap_or_default());
        lines.push(b'\n');
        self.bytes += lines.len();
        self.actions.push((id.to_string(), lines, false));
    }

    fn delete(&mut self, id: &str) {
        let line = format!("{{\"delete\":{{\"_id\":\"{id}\"}}}}\n").into_bytes();
        self.bytes += line.len();
        self.actions.push((id.to_string(), line, true));
    }
}

impl Push<'_> {
    /// Makes the index on the cluster the same as this one. `progress` is told how many letters are through
    /// and how many there are.
    ///
    /// # Errors
    /// If the cluster cannot be reached or holds something else under that name, or the index is damaged.
    /// What was sent by then is kept, and the next push goes on from there.
    pub fn run(&self, progress: &dyn Fn(usize, usize)) -> Result<PushReport, ClusterError> {
        let client = Client::new(self.to.clone())?.patient(self.patience, self.notice);
        let every = self.engine.every_letter()?;
        self.prepare(&client, &every)?;
        let index = client.index();
        let state = state(&client, None)?;
        let mut report = PushReport {
            letters: every.len() as u64,
            ..PushReport::default()
        };
        let unfinished = json!({
            "kind": "state",
            "complete": false,
            "version": state["version"],
        });
        let begin = format!("{index}/_doc/{STATE}?refresh=true&{PART}");
        client.get("PUT", &begin, Body::Json(&unfinished), None)?;
        let (send, receive) = sync_channel::<Bulk>(WAITING);
        let done = std::thread::scope(|scope| {
            let client = &client;
            let sender = scope.spawn(move || {
                let mut report = PushReport::default();
                let mut taken = Instant::now();
                for bulk in receive {
                    // Time in which there was nothing to send is no waiting.
                    taken = taken.max(bulk.made);
                    deliver(client, bulk, &mut report, &mut taken)?;
                }
                Ok::<_, ClusterError>(report)
            });
            let made = self.differences(client, &every, &mut report, progress, &|bulk| {
                send.send(bulk).is_ok()
            });
            drop(send);
            let sent = sender.join().unwrap_or_else(|_| Ok(PushReport::default()));
            made.and(sent)
        })?;
        report.sent = done.sent;
        report.deleted = done.deleted;
        report.again = done.again;
        report.refused = done.refused;
        self.words(&client, &every)?;
        client.get("POST", &format!("{index}/_refresh"), Body::Nothing, None)?;
        // A push that did not finish may have sent all that this one found unchanged.
        let changed = report.sent + report.deleted > 0 || state["complete"] != true;
        let version = if changed {
            json!(version())
        } else {
            state["version"].clone()
        };
        let finished = json!({
            "kind": "state",
            "complete": report.refused.is_empty(),
            "refused": report.refused.len(),
            "version": version,
            "letters": report.letters,
            "documents": every.documents(),
            "imr": env!("CARGO_PKG_VERSION"),
        });
        client.get("PUT", &begin, Body::Json(&finished), None)?;
        Ok(report)
    }

    /// Makes the index, or looks whether the one that is there is of this form. A request whose answer is lost
    /// is made again, so that what it was to do may have been done: there is nothing to delete any more, or
    /// the index is there already.
    fn prepare(&self, client: &Client, every: &EveryLetter) -> Result<(), ClusterError> {
        let index = client.index();
        let delete = || match client.get("DELETE", index, Body::Nothing, None) {
            Ok(_) | Err(ClusterError::NoIndex { .. }) => Ok(()),
            Err(error) => Err(error),
        };
        let begun = Instant::now();
        let mut made = false;
        if self.recreate {
            delete()?;
        }
        loop {
            match is_ours(client) {
                Ok(_) => {}
                Err(ClusterError::NoIndex { .. }) => {
                    let longer = self.lengths(every)?;
                    let settings = mapping::index(self.shards, self.replicas, &longer);
                    match client.get("PUT", index, Body::Json(&settings), None) {
                        Err(ClusterError::Answer { reason, .. })
                            if reason.contains("already exists") => {}
                        done => drop(done?),
                    }
                    made = true;
                }
                Err(error) => return Err(error),
            }
            // A shard that was made on a node which died is empty: it may as well be made elsewhere.
            let until = if made { WHOLE } else { self.patience };
            if is_whole(client, until.min(self.patience))? {
                // Where the copies take longer, they come while letters are sent.
                has_copies(client, COPIED.min(self.patience))?;
                return is_ours(client).map(|_| ());
            }
            if !made || begun.elapsed() >= self.patience {
                let (at, index) = (client.shown(), index.to_string());
                let seconds = begun.elapsed().as_secs();
                return Err(ClusterError::Red { at, index, seconds });
            }
            client.notice("a node was lost while the index was being created; creating it again");
            delete()?;
        }
    }

    /// By text field, how much longer it is there than this index reckons, from some letters.
    fn lengths(&self, every: &EveryLetter) -> Result<BTreeMap<&'static str, f32>, ClusterError> {
        let mut lengths: BTreeMap<&'static str, (f32, f32)> = BTreeMap::new();
        let step = every.len().div_ceil(SAMPLED).max(1);
        for at in (0..every.len()).step_by(step) {
            let (letter, files) = self.engine.nth_letter(every, at)?;
            let document = Packed::new(&letter, &files).document(&letter, "", &files);
            let units = document[mapping::ITEMS]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            for unit in units {
                for (field, _) in fields::texts() {
                    if let Some(texts) = unit[field.key].as_array() {
                        let terms = |text: &Value| {
                            let text = text.as_str().unwrap_or_default();
                            let terms = text.split([' ', mapping::BESIDE]);
                            terms.filter(|term| !term.is_empty()).count()
                        };
                        let own = lengths.entry(field.key).or_default();
                        own.0 += texts.iter().map(terms).sum::<usize>() as f32;
                        own.1 += 1.0;
                    }
                }
            }
        }
        let longer = lengths.into_iter().filter_map(|(key, (terms, units))| {
            let here = self.engine.mean_length(every, key)?;
            (here > 0.0 && terms > 0.0).then(|| (key, terms / units / here))
        });
        Ok(longer.collect())
    }

    /// Hands over what differs; `send` tells whether anybody still takes it.
    fn differences(
        &self,
        client: &Client,
        every: &EveryLetter,
        report: &mut PushReport,
        progress: &dyn Fn(usize, usize),
        send: &dyn Fn(Bulk) -> bool,
    ) -> Result<(), ClusterError> {
        let mut there = Listing::new(client);
        let mut next = there.next()?;
        let mut bulk = Bulk::default();
        let mut from = 0;
        while from < every.len() {
            let chunk = from..(from + CHUNK).min(every.len());
            // What of this part is there, and what is there that is not here.
            let mut revisions: HashMap<u128, String> = HashMap::new();
            let last = every.identity(chunk.end - 1);
            let mut here = chunk.clone().peekable();
            while let Some((id, revision)) = next.take_if(|(id, _)| *id <= last) {
                while here.next_if(|at| every.identity(*at) < id).is_some() {}
                if here.peek().is_some_and(|at| every.identity(*at) == id) {
                    revisions.insert(id, revision);
                } else {
                    bulk.delete(&text(id));
                }
                next = there.next()?;
            }
            let made: Vec<Option<(String, Value)>> = chunk
                .clone()
                .into_par_iter()
                .map(|at| {
                    let id = every.identity(at);
                    let (letter, files) = self.engine.nth_letter(every, at)?;
                    let packed = Packed::new(&letter, &files);
                    if revisions.get(&id) == Some(&packed.revision) {
                        return Ok(None);
                    }
                    let id = text(id);
                    let document = packed.document(&letter, &id, &files);
                    Ok(Some((id, document)))
                })
                .collect::<Result<_, ClusterError>>()?;
            for made in made {
                let Some((id, document)) = made else {
                    report.unchanged += 1;
                    continue;
                };
                bulk.index(&id, &document);
                if bulk.bytes >= BULK_BYTES && !send(std::mem::take(&mut bulk)) {
                    return Ok(());
                }
            }
            from = chunk.end;
            progress(from, every.len());
        }
        while let Some((id, _)) = next {
            bulk.delete(&text(id));
            if bulk.bytes >= BULK_BYTES && !send(std::mem::take(&mut bulk)) {
                return Ok(());
            }
            next = there.next()?;
        }
        if !bulk.actions.is_empty() {
            send(bulk);
        }
        Ok(())
    }

    /// Sends what words there are: by them spellings are judged.
    fn words(&self, client: &Client, every: &EveryLetter) -> Result<(), ClusterError> {
        for first in 'a'..='z' {
            let table = self.engine.word_table(every, first);
            let document = json!({
                "kind": "words",
                "stems": table.stems,
                "surfaces": table.surfaces.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            });
            let path = format!("{}/_doc/imr-words-{first}?{PART}", client.index());
            client.get("PUT", &path, Body::Json(&document), None)?;
        }
        Ok(())
    }
}

/// Whether an index has the form that this program writes; gives how soon more of a word adds nothing more to
/// the score, by text field.
pub(super) fn is_ours(client: &Client) -> Result<HashMap<String, f32>, ClusterError> {
    let index = client.index();
    let said = client.get("GET", &format!("{index}/_mapping"), Body::Nothing, None)?;
    // Behind an alias the index has another name.
    let own = said.as_object().and_then(|all| all.values().next());
    let own = own.map_or(&Value::Null, |own| &own["mappings"]["_meta"]["imr"]);
    if own["indexing"] == indexing_digest().as_str() {
        return Ok(serde_json::from_value(own["saturation"].clone()).unwrap_or_default());
    }
    let found = match own["version"].as_str() {
        Some(version) => format!("it was made by imr {version}"),
        None => "it was not made by imr".to_string(),
    };
    Err(ClusterError::Foreign {
        index: index.to_string(),
        found,
    })
}

/// Waits until each part of an index is on some node.
fn is_whole(client: &Client, wait: Duration) -> Result<bool, ClusterError> {
    is_health(client, wait, |health| {
        health["status"] == "green" || health["status"] == "yellow"
    })
}

/// Waits until each part of an index is on as many nodes as it should be, where there are more than one. A
/// part whose only node dies while letters arrive is not there until the node is back.
fn has_copies(client: &Client, wait: Duration) -> Result<bool, ClusterError> {
    is_health(client, wait, |health| {
        health["status"] == "green" || health["number_of_data_nodes"] == 1
    })
}

/// Waits until the cluster's health is good enough.
fn is_health(
    client: &Client,
    wait: Duration,
    enough: impl Fn(&Value) -> bool,
) -> Result<bool, ClusterError> {
    let path = format!("_cluster/health/{}?level=indices", client.index());
    let end = Instant::now() + wait;
    loop {
        match client.get("GET", &path, Body::Nothing, None) {
            Ok(health) if enough(&health) => return Ok(true),
            // Who may write letters need not be allowed to ask for this.
            Err(ClusterError::Denied { status: 403, .. }) => return Ok(true),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
        if Instant::now() + LOOK >= end {
            return Ok(false);
        }
        std::thread::sleep(LOOK);
    }
}

/// What the cluster says of the last push; null where none came to its end.
pub(super) fn state(client: &Client, deadline: Option<Instant>) -> Result<Value, ClusterError> {
    let path = format!("{}/_doc/{STATE}", client.index());
    let (_, said) = client.ask("GET", &path, Body::Nothing, deadline)?;
    if said["error"]["type"] == "index_not_found_exception" {
        let (at, index) = (client.shown(), client.index().to_string());
        return Err(ClusterError::NoIndex { at, index });
    }
    Ok(said["_source"].clone())
}

/// Something that no push before had: the microseconds since 1970.
fn version() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("{:x}", now.map_or(0, |now| now.as_micros()))
}

/// When a push gave a version.
pub(super) fn pushed_at(version: &str) -> Option<SystemTime> {
    let micros = u64::from_str_radix(version, 16).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_micros(micros))
}

fn text(id: u128) -> String {
    format!("{id:032x}")
}

/// The identities and revisions of the letters on the cluster, in order.
struct Listing<'c> {
    client: &'c Client,
    page: std::vec::IntoIter<(u128, String)>,
    last: Option<String>,
    ended: bool,
}

impl<'c> Listing<'c> {
    fn new(client: &'c Client) -> Listing<'c> {
        Listing {
            client,
            page: Vec::new().into_iter(),
            last: None,
            ended: false,
        }
    }

    fn next(&mut self) -> Result<Option<(u128, String)>, ClusterError> {
        if let Some(one) = self.page.next() {
            return Ok(Some(one));
        }
        if self.ended {
            return Ok(None);
        }
        let mut query = json!({
            "size": PAGE,
            "_source": false,
            "docvalue_fields": ["id", "revision"],
            "query": {"term": {"kind": "letter"}},
            "sort": [{"id": "asc"}],
            "track_total_hits": false,
        });
        if let Some(last) = &self.last {
            query["search_after"] = json!([last]);
        }
        let path = format!(
            "{}/_search?allow_partial_search_results=false",
            self.client.index()
        );
        let said = self.client.get("POST", &path, Body::Json(&query), None)?;
        let hits = said["hits"]["hits"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        self.ended = hits.len() < PAGE;
        let mut page = Vec::with_capacity(hits.len());
        for hit in hits {
            let value = |name: &str| {
                hit["fields"][name][0]
                    .as_str()
                    .unwrap_or_default()
                    .to_string()
            };
            let id = value("id");
            page.push((
                u128::from_str_radix(&id, 16).unwrap_or(0),
                value("revision"),
            ));
            self.last = Some(id);
        }
        self.page = page.into_iter();
        Ok(self.page.next())
    }
}

/// Sends a request of the bulk API; what the cluster is too busy for is sent again. `taken` is when the cluster
/// took something last.
fn deliver(
    client: &Client,
    bulk: Bulk,
    report: &mut PushReport,
    taken: &mut Instant,
) -> Result<(), ClusterError> {
    let mut waiting = bulk.actions;
    let mut pause = PAUSE;
    let mut reason = String::new();
    let mut silent = true;
    let path = format!("{}/_bulk?{PART}", client.index());
    for tried in 0..ROUNDS {
        if tried > 0 {
            let waited = taken.elapsed();
            if waited + pause >= client.patience() {
                let (at, seconds) = (client.shown(), waited.as_secs());
                return Err(ClusterError::Stalled {
                    at,
                    seconds,
                    reason,
                });
            }
            if silent && waited >= SILENT {
                silent = false;
                client.notice(&format!(
                    "the cluster has not accepted {} letters yet ({reason}); trying again, for up to {} s",
                    waiting.len(),
                    client.patience().as_secs()
                ));
            }
            report.again += waiting.len() as u64;
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let lines: Vec<u8> = waiting
            .iter()
            .flat_map(|(_, lines, _)| lines)
            .copied()
            .collect();
        let said = client.get("POST", &path, Body::Lines(&lines), None)?;
        let answers = said["items"].as_array().map_or(&[][..], Vec::as_slice);
        let mut busy = Vec::new();
        let mut answers = answers.iter();
        for action in waiting {
            let answer = answers.next().and_then(Value::as_object);
            let answer = answer
                .and_then(|answer| answer.values().next())
                .unwrap_or(&Value::Null);
            let status = answer["status"].as_u64().unwrap_or(503);
            if !matches!(status, 429 | 500..=599) {
                *taken = Instant::now();
            }
            match status {
                200..=299 if action.2 => report.deleted += 1,
                200..=299 => report.sent += 1,
                404 if action.2 => {}
                429 | 500..=599 => {
                    reason = reason_of(answer);
                    busy.push(action);
                }
                _ => report.refused.push(Refused {
                    id: action.0,
                    reason: reason_of(answer),
                }),
            }
        }
        if busy.is_empty() {
            return Ok(());
        }
        waiting = busy;
    }
    let reason = format!("the cluster was too busy for it every time: {reason}");
    report
        .refused
        .extend(waiting.into_iter().map(|(id, _, _)| Refused {
            id,
            reason: reason.clone(),
        }));
    Ok(())
}
