//! Worker processes as the run sees them: they are made when there is something to read, kept for what follows,
//! and replaced when a file has ended them.
//!
//! A worker is asked for several PDFs at once, because each time that the two wait for each other costs as much as a
//! part of a small letter. Where one of them ends the worker, each of them is asked for by itself.

use super::super::{FILE_COST, Limits, PAGE_COST, ReadError, Text};
use super::message::{
    FileHead, LENGTH, Reply, Request, TOOK_TOO_LONG, VERSION, add_frame, message_length, of_message,
};
use super::{WORKER_COMMAND, WorkerOptions};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes by which a worker may grow beyond the file itself for a PDF that costs little, and what such a one costs.
/// Real letters cost some two megabytes.
const GROWTH: u64 = 12 << 20;
const LITTLE: u64 = 4 << 20;
/// And for one that is read by itself, with the memory it may take made free.
const GROWTH_ALONE: u64 = 32 << 20;

/// Files after which a worker is replaced, so that what a library does not give back stays small.
const FILES: usize = 4096;
/// A worker looks at the time that a file takes itself; one that does not even do that is ended after this.
const PATIENCE: Duration = Duration::from_secs(180);
/// And one that does not begin after this.
const START: Duration = Duration::from_secs(30);
/// What is left to a file once the run was asked to stop.
const GRACE: Duration = Duration::from_secs(1);
/// How often the run looks whether it was asked to stop.
const LOOKS: Duration = Duration::from_millis(100);
/// Bytes that a pipe holds, so that a batch fits: more than the system gives unasked, and as many as it gives anybody.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PIPE: i32 = 1 << 20;
/// Bytes of replies read at once.
const CHUNK: usize = 64 << 10;
/// Bytes kept of what a worker says when it ends.
const LAST_WORDS: u64 = 2048;

/// See the module.
pub(super) struct WorkerPool {
    program: Option<PathBuf>,
    time: Duration,
    idle: Mutex<Vec<Worker>>,
    /// Why a worker could not be made, the first time.
    failure: Mutex<Option<String>>,
}

/// What became of a PDF at first sight.
pub(super) enum PoolAnswer {
    Read(Result<Text, ReadError>),
    Waiting(Reading),
    /// There is no worker: the PDF comes back.
    NoWorker(Vec<u8>),
}

/// A PDF that takes more memory than a little: it waits until the run has made that free.
pub(super) struct Reading {
    pool: &'static WorkerPool,
    limits: Limits,
    bytes: Vec<u8>,
    cost: u64,
}

impl WorkerPool {
    pub(super) fn new(options: WorkerOptions) -> WorkerPool {
        WorkerPool {
            program: options.program,
            time: options.time,
            idle: Mutex::default(),
            failure: Mutex::default(),
        }
    }

    /// Why a PDF was read without a worker.
    pub(super) fn failure(&self) -> Option<String> {
        lock(&self.failure).clone()
    }

    /// Opens PDFs, and reads those that cost little.
    pub(super) fn open(
        &'static self,
        pdfs: Vec<Vec<u8>>,
        limits: Limits,
        stop: &dyn Fn() -> bool,
    ) -> Vec<PoolAnswer> {
        if pdfs.len() > 1 {
            match self.little(&pdfs, limits, stop) {
                Ok(replies) => {
                    let replies = replies.into_iter().zip(pdfs);
                    let begun = |(reply, bytes)| self.begun(reply, bytes, limits);
                    return replies.map(begun).collect();
                }
                Err(NoReply::WorkerFailure(WorkerFailure::Stopped)) => {
                    let stopped = |_| PoolAnswer::Read(Err(ReadError::Stopped));
                    return pdfs.into_iter().map(stopped).collect();
                }
                Err(NoReply::NoWorker) => {
                    return pdfs.into_iter().map(PoolAnswer::NoWorker).collect();
                }
                // Which of them it was turns out when each is read by itself.
                Err(NoReply::WorkerFailure(_)) => {}
            }
        }
        let alone = |bytes| self.open_alone(bytes, limits, stop);
        pdfs.into_iter().map(alone).collect()
    }

    fn open_alone(
        &'static self,
        bytes: Vec<u8>,
        limits: Limits,
        stop: &dyn Fn() -> bool,
    ) -> PoolAnswer {
        match self.little(std::slice::from_ref(&bytes), limits, stop) {
            Ok(mut replies) => match replies.pop() {
                Some(reply) => self.begun(reply, bytes, limits),
                None => PoolAnswer::NoWorker(bytes),
            },
            Err(NoReply::NoWorker) => PoolAnswer::NoWorker(bytes),
            // Another worker will have all that a letter may take.
            Err(NoReply::WorkerFailure(WorkerFailure::Outgrown | WorkerFailure::Other(_))) => {
                let page = usize::try_from(limits.page()).unwrap_or(usize::MAX);
                let cost = FILE_COST * bytes.len() + PAGE_COST.saturating_mul(page);
                let cost = (cost as u64).saturating_add(GROWTH_ALONE);
                self.begun(Reply::Costs(cost), bytes, limits)
            }
            Err(NoReply::WorkerFailure(ended)) => PoolAnswer::Read(Err(ended.into())),
        }
    }

    /// A worker's replies to PDFs, of which it reads those that cost little.
    fn little(
        &self,
        pdfs: &[Vec<u8>],
        limits: Limits,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Reply>, NoReply> {
        let bytes: usize = pdfs.iter().map(Vec::len).sum();
        let growth = GROWTH + (FILE_COST * bytes) as u64;
        self.ask(pdfs, limits, growth, LITTLE, stop)
    }

    fn begun(&'static self, reply: Reply, bytes: Vec<u8>, limits: Limits) -> PoolAnswer {
        match reply {
            Reply::Done(read) => PoolAnswer::Read(read),
            Reply::Costs(cost) => PoolAnswer::Waiting(Reading {
                pool: self,
                limits,
                bytes,
                cost,
            }),
            Reply::Ready(_) => PoolAnswer::Read(Err(unknown_reply())),
        }
    }

    /// Asks a worker to read PDFs. It is kept for others unless it ended.
    fn ask(
        &self,
        pdfs: &[Vec<u8>],
        limits: Limits,
        growth: u64,
        cost: u64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Reply>, NoReply> {
        let mut worker = self.worker().ok_or(NoReply::NoWorker)?;
        let head = |pdf: &Vec<u8>| FileHead {
            length: pdf.len() as u64,
            time: self.time(pdf.len()),
        };
        let files = pdfs.iter().map(head).collect();
        let request = Request::new(limits, growth, cost, files);
        let replies = worker
            .ask(&request, pdfs, stop)
            .map_err(NoReply::WorkerFailure)?;
        worker.files += pdfs.len();
        if worker.files < FILES {
            lock(&self.idle).push(worker);
        }
        Ok(replies)
    }

    /// Milliseconds of the processor for a file of so many bytes.
    fn time(&self, bytes: usize) -> u64 {
        let megabytes = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
        let time = self.time + (self.time / 4).saturating_mul(megabytes);
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    }

    /// An idle worker or a new one.
    fn worker(&self) -> Option<Worker> {
        let idle = lock(&self.idle).pop();
        idle.or_else(|| match Worker::start(self.program.as_ref()) {
            Ok(worker) => Some(worker),
            Err(reason) => {
                lock(&self.failure).get_or_insert(reason);
                None
            }
        })
    }
}

const UNKNOWN_REPLY: &str = "made the process that read it reply with invalid data";

fn unknown_reply() -> ReadError {
    ReadError::Worker(UNKNOWN_REPLY.to_string())
}

impl Reading {
    pub(super) fn cost(&self) -> usize {
        usize::try_from(self.cost).unwrap_or(usize::MAX)
    }

    pub(super) fn text(self, stop: &dyn Fn() -> bool) -> Result<Text, ReadError> {
        let growth = GROWTH.saturating_add(self.cost);
        let pdfs = [self.bytes];
        match self.pool.ask(&pdfs, self.limits, growth, u64::MAX, stop) {
            Ok(mut replies) => match replies.pop() {
                Some(Reply::Done(read)) => read,
                _ => Err(unknown_reply()),
            },
            Err(NoReply::WorkerFailure(ended)) => Err(ended.into()),
            Err(NoReply::NoWorker) => {
                let [bytes] = pdfs;
                super::document::open(bytes, self.limits)?.text()
            }
        }
    }
}

/// Why there are no replies.
enum NoReply {
    NoWorker,
    WorkerFailure(WorkerFailure),
}

/// Why a worker gave no answer.
enum WorkerFailure {
    /// Its address space was too small.
    Outgrown,
    /// Its stack was too small.
    TooDeep,
    TookTooLong,
    /// The run was asked to stop.
    Stopped,
    /// Anything else.
    Other(String),
}

impl From<WorkerFailure> for ReadError {
    fn from(ended: WorkerFailure) -> ReadError {
        match ended {
            WorkerFailure::Outgrown => ReadError::Outgrown,
            WorkerFailure::TooDeep => ReadError::TooDeep,
            WorkerFailure::TookTooLong => ReadError::TookTooLong,
            WorkerFailure::Stopped => ReadError::Stopped,
            WorkerFailure::Other(what) => ReadError::Worker(what),
        }
    }
}

/// A worker process.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    errors: ChildStderr,
    /// What it said of which not all was understood yet.
    said: Vec<u8>,
    /// Files read.
    files: usize,
}

impl Worker {
    /// Makes a worker; a reason if that is impossible.
    fn start(program: Option<&PathBuf>) -> Result<Worker, String> {
        let reason = |e: io::Error| super::super::io_reason(&e);
        let mut command = match program {
            Some(program) => Command::new(program),
            None => this_program().map_err(reason)?,
        };
        // One heap for all threads: what others reserve would count as taken. Signals of the terminal are for the run.
        let mut child = command
            .arg(WORKER_COMMAND)
            .env_clear()
            .env("MALLOC_ARENA_MAX", "1")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(reason)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err("it has no pipes".to_string());
        };
        let mut worker = Worker {
            child,
            input,
            output,
            errors,
            said: Vec::new(),
            files: 0,
        };
        let nonblocking = FcntlArg::F_SETFL(OFlag::O_NONBLOCK);
        fcntl(&worker.input, nonblocking).map_err(|e| e.desc().to_string())?;
        widen(&worker.input);
        widen(&worker.output);
        match worker.reply(Instant::now() + START, &|| false) {
            Ok(Reply::Ready(VERSION)) => Ok(worker),
            _ => Err("the program does not answer as a worker".to_string()),
        }
    }

    /// Asks for PDFs and waits for the replies, one for each; however long it takes, it ends.
    fn ask(
        &mut self,
        request: &Request,
        pdfs: &[Vec<u8>],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Reply>, WorkerFailure> {
        let deadline = Instant::now() + PATIENCE;
        let answered = self.send(request, pdfs, deadline, stop).and_then(|()| {
            let replies = pdfs.iter().map(|_| self.reply(deadline, stop));
            replies.collect()
        });
        answered.map_err(|error| match error.kind() {
            ErrorKind::TimedOut => WorkerFailure::TookTooLong,
            ErrorKind::Interrupted => WorkerFailure::Stopped,
            _ => self.why_it_ended(&error),
        })
    }

    fn send(
        &mut self,
        request: &Request,
        pdfs: &[Vec<u8>],
        deadline: Instant,
        stop: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let mut frame = Vec::new();
        add_frame(&mut frame, request);
        let pdfs = pdfs.iter().map(|pdf| IoSlice::new(pdf));
        let mut slices: Vec<IoSlice> = std::iter::once(IoSlice::new(&frame)).chain(pdfs).collect();
        let mut left = slices.as_mut_slice();
        let mut patience = WaitLimit::new(deadline, stop);
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            match self.input.write_vectored(left) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    patience.wait(&self.input, PollFlags::POLLOUT)?;
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn reply(&mut self, deadline: Instant, stop: &dyn Fn() -> bool) -> io::Result<Reply> {
        let mut patience = WaitLimit::new(deadline, stop);
        loop {
            if let Some((length, rest)) = self.said.split_first_chunk::<LENGTH>()
                && let Some(message) = rest.get(..message_length(*length))
            {
                let nonsense = || io::Error::other(UNKNOWN_REPLY);
                let reply = of_message(message).ok_or_else(nonsense);
                self.said.drain(..LENGTH + message.len());
                return reply;
            }
            patience.wait(&self.output, PollFlags::POLLIN)?;
            let before = self.said.len();
            self.said.resize(before + CHUNK, 0);
            // Something is there, so that it does not wait.
            let read = self.output.read(&mut self.said[before..]);
            self.said
                .truncate(before + read.as_ref().map_or(0, |read| *read));
            match read {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Err(e) if e.kind() != ErrorKind::Interrupted => return Err(e),
                _ => {}
            }
        }
    }

    /// What became of a worker that answers no more, or nonsense.
    fn why_it_ended(&mut self, error: &io::Error) -> WorkerFailure {
        let closed = matches!(
            error.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe
        );
        let deadline = Instant::now() + Duration::from_secs(5);
        while closed && Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = self.child.kill();
        let Ok(status) = self.child.wait() else {
            return WorkerFailure::Other(UNKNOWN_REPLY.to_string());
        };
        let mut words = Vec::new();
        let _ = (&mut self.errors).take(LAST_WORDS).read_to_end(&mut words);
        let words = String::from_utf8_lossy(&words);
        if status.code() == Some(i32::from(TOOK_TOO_LONG)) {
            WorkerFailure::TookTooLong
        } else if words.contains("overflowed its stack") {
            WorkerFailure::TooDeep
        } else if words.contains("memory allocation of") {
            WorkerFailure::Outgrown
        } else if let Some(signal) = status.signal() {
            WorkerFailure::Other(format!("ended the process that read it (signal {signal})"))
        } else {
            WorkerFailure::Other("ended the process that read it".to_string())
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a pipe hold a batch, where the system lets it.
fn widen(pipe: &impl AsFd) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = fcntl(pipe, FcntlArg::F_SETPIPE_SZ(PIPE));
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = pipe;
}

/// This program, also where its file was replaced since it began.
fn this_program() -> io::Result<Command> {
    let itself = PathBuf::from("/proc/self/exe");
    let itself = if itself.exists() {
        itself
    } else {
        std::env::current_exe()?
    };
    let mut command = Command::new(itself);
    command.arg0("imr");
    Ok(command)
}

/// How long a run waits for a worker.
struct WaitLimit<'p> {
    deadline: Instant,
    stop: &'p dyn Fn() -> bool,
    stopped: bool,
}

impl<'p> WaitLimit<'p> {
    fn new(deadline: Instant, stop: &'p dyn Fn() -> bool) -> WaitLimit<'p> {
        WaitLimit {
            deadline,
            stop,
            stopped: false,
        }
    }

    /// Waits until something can be read or written. Errors: `TimedOut`; `Interrupted` if the run was asked to stop.
    fn wait(&mut self, pipe: &impl AsFd, events: PollFlags) -> io::Result<()> {
        loop {
            let looks = PollTimeout::try_from(LOOKS).unwrap_or(PollTimeout::ZERO);
            let mut fds = [PollFd::new(pipe.as_fd(), events)];
            match poll(&mut fds, looks) {
                Ok(0) | Err(nix::errno::Errno::EINTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            if !self.stopped && (self.stop)() {
                self.stopped = true;
                self.deadline = self.deadline.min(Instant::now() + GRACE);
            }
            if Instant::now() >= self.deadline {
                let stopped = self.stopped;
                let kind = if stopped {
                    ErrorKind::Interrupted
                } else {
                    ErrorKind::TimedOut
                };
                return Err(kind.into());
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
