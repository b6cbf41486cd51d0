//! Worker processes as the run sees them: they are made when there is something to read, kept for what follows,
//! and replaced when a file has ended them.

use super::super::{FILE_COST, Limits, PAGE_COST, ReadError, Text};
use super::message::{Reply, Request, RequestKind, TOOK_TOO_LONG, VERSION};
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
const FILES: u32 = 4096;
/// A worker looks at the time that a file takes itself; one that does not even do that is ended after this.
const PATIENCE: Duration = Duration::from_secs(180);
/// And one that does not begin after this.
const START: Duration = Duration::from_secs(30);
/// What is left to a file once the run was asked to stop.
const GRACE: Duration = Duration::from_secs(1);
/// How often the run looks whether it was asked to stop.
const LOOKS: Duration = Duration::from_millis(100);
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
pub(super) enum Begun {
    Read(Result<Text, ReadError>),
    Waiting(Reading),
    /// There is no worker: the PDF comes back.
    NoWorker(Vec<u8>),
}

/// A PDF that takes more memory than a little: it waits until the run has made that free.
pub(super) struct Reading {
    pool: &'static WorkerPool,
    limits: Limits,
    /// Of its file.
    bytes: usize,
    state: State,
}

enum State {
    /// A worker has opened it and knows what it takes.
    Opened { worker: Worker, cost: u64 },
    /// It outgrew a worker that had little: another will have all that a letter may take.
    Again(Vec<u8>),
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

    /// Opens a PDF, and reads it if it costs little.
    pub(super) fn open(
        &'static self,
        bytes: Vec<u8>,
        limits: Limits,
        stop: &dyn Fn() -> bool,
    ) -> Begun {
        let Some(mut worker) = self.worker() else {
            return Begun::NoWorker(bytes);
        };
        let length = bytes.len();
        let request = Request {
            kind: RequestKind::Read,
            length: length as u64,
            limits,
            growth: GROWTH + (FILE_COST * bytes.len()) as u64,
            time: self.time(bytes.len()),
            cost: LITTLE,
        };
        match worker.ask(&request, &bytes, stop) {
            Ok(Reply::Costs(cost)) => Begun::Waiting(Reading {
                pool: self,
                limits,
                bytes: length,
                state: State::Opened { worker, cost },
            }),
            Ok(reply) => Begun::Read(self.done(worker, reply)),
            Err(Ended::Outgrown | Ended::Other(_)) => Begun::Waiting(Reading {
                pool: self,
                limits,
                bytes: length,
                state: State::Again(bytes),
            }),
            Err(ended) => Begun::Read(Err(ended.into())),
        }
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
        idle.or_else(|| self.new_worker())
    }

    fn new_worker(&self) -> Option<Worker> {
        match Worker::start(self.program.as_ref()) {
            Ok(worker) => Some(worker),
            Err(reason) => {
                lock(&self.failure).get_or_insert(reason);
                None
            }
        }
    }

    fn done(&self, mut worker: Worker, reply: Reply) -> Result<Text, ReadError> {
        let Reply::Done(read) = reply else {
            return Err(ReadError::Worker(UNKNOWN_REPLY.to_string()));
        };
        worker.files += 1;
        if worker.files < FILES {
            lock(&self.idle).push(worker);
        }
        read
    }
}

const UNKNOWN_REPLY: &str = "made the process that read it answer nonsense";

impl Reading {
    pub(super) fn cost(&self) -> usize {
        match &self.state {
            State::Opened { cost, .. } => usize::try_from(*cost).unwrap_or(usize::MAX),
            State::Again(bytes) => {
                let page = usize::try_from(self.limits.page()).unwrap_or(usize::MAX);
                (FILE_COST * bytes.len() + PAGE_COST.saturating_mul(page))
                    .saturating_add(GROWTH_ALONE as usize)
            }
        }
    }

    pub(super) fn text(self, stop: &dyn Fn() -> bool) -> Result<Text, ReadError> {
        let growth = GROWTH + self.cost() as u64;
        match self.state {
            State::Opened { mut worker, .. } => {
                let request = Request {
                    kind: RequestKind::GoOn,
                    length: 0,
                    limits: self.limits,
                    growth,
                    time: self.pool.time(self.bytes),
                    cost: u64::MAX,
                };
                let reply = worker.ask(&request, &[], stop)?;
                self.pool.done(worker, reply)
            }
            State::Again(bytes) => {
                let Some(mut worker) = self.pool.new_worker() else {
                    return super::document::open(bytes, self.limits)?.text();
                };
                let request = Request {
                    kind: RequestKind::Read,
                    length: bytes.len() as u64,
                    limits: self.limits,
                    growth,
                    time: self.pool.time(self.bytes),
                    cost: u64::MAX,
                };
                let reply = worker.ask(&request, &bytes, stop)?;
                self.pool.done(worker, reply)
            }
        }
    }
}

/// Why a worker gave no answer.
enum Ended {
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

impl From<Ended> for ReadError {
    fn from(ended: Ended) -> ReadError {
        match ended {
            Ended::Outgrown => ReadError::Outgrown,
            Ended::TooDeep => ReadError::TooDeep,
            Ended::TookTooLong => ReadError::TookTooLong,
            Ended::Stopped => ReadError::Stopped,
            Ended::Other(what) => ReadError::Worker(what),
        }
    }
}

/// A worker process.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    errors: ChildStderr,
    /// Files read.
    files: u32,
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
            files: 0,
        };
        let nonblocking = FcntlArg::F_SETFL(OFlag::O_NONBLOCK);
        fcntl(&worker.input, nonblocking).map_err(|e| e.desc().to_string())?;
        match worker.reply(Instant::now() + START, &|| false) {
            Ok(Reply::Ready(VERSION)) => Ok(worker),
            _ => Err("the program does not answer as a worker".to_string()),
        }
    }

    /// Asks for something and waits for the answer; however long it takes, it ends.
    fn ask(
        &mut self,
        request: &Request,
        bytes: &[u8],
        stop: &dyn Fn() -> bool,
    ) -> Result<Reply, Ended> {
        let deadline = Instant::now() + PATIENCE;
        let answered = self.send(&request.head(), bytes, deadline, stop);
        let answered = answered.and_then(|()| self.reply(deadline, stop));
        answered.map_err(|error| match error.kind() {
            ErrorKind::TimedOut => Ended::TookTooLong,
            ErrorKind::Interrupted => Ended::Stopped,
            _ => self.why_it_ended(&error),
        })
    }

    fn send(
        &mut self,
        head: &[u8],
        bytes: &[u8],
        deadline: Instant,
        stop: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let (mut head, mut bytes) = (head, bytes);
        let mut patience = Patience::new(deadline, stop);
        while !head.is_empty() || !bytes.is_empty() {
            match self
                .input
                .write_vectored(&[IoSlice::new(head), IoSlice::new(bytes)])
            {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => {
                    let of_head = written.min(head.len());
                    head = &head[of_head..];
                    bytes = &bytes[written - of_head..];
                }
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
        let mut patience = Patience::new(deadline, stop);
        let mut frame = Vec::with_capacity(16 << 10);
        let mut wanted = 4;
        loop {
            patience.wait(&self.output, PollFlags::POLLIN)?;
            // Never more than is there, so that it does not wait.
            let mut some = [0; 16 << 10];
            let most = some.len().min(wanted - frame.len());
            let most = if frame.len() < 4 { some.len() } else { most };
            match self.output.read(&mut some[..most]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => frame.extend_from_slice(&some[..read]),
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
            if let Some(length) = frame.first_chunk::<4>() {
                wanted = 4 + u32::from_le_bytes(*length) as usize;
            }
            if frame.len() >= wanted {
                let nonsense = || io::Error::other(UNKNOWN_REPLY);
                return Reply::of_message(&frame[4..wanted]).ok_or_else(nonsense);
            }
        }
    }

    /// What became of a worker that answers no more, or nonsense.
    fn why_it_ended(&mut self, error: &io::Error) -> Ended {
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
            return Ended::Other(UNKNOWN_REPLY.to_string());
        };
        let mut words = Vec::new();
        let _ = (&mut self.errors).take(LAST_WORDS).read_to_end(&mut words);
        let words = String::from_utf8_lossy(&words);
        if status.code() == Some(i32::from(TOOK_TOO_LONG)) {
            Ended::TookTooLong
        } else if words.contains("overflowed its stack") {
            Ended::TooDeep
        } else if words.contains("memory allocation of") {
            Ended::Outgrown
        } else if let Some(signal) = status.signal() {
            Ended::Other(format!("ended the process that read it (signal {signal})"))
        } else {
            Ended::Other("ended the process that read it".to_string())
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
struct Patience<'p> {
    deadline: Instant,
    stop: &'p dyn Fn() -> bool,
    stopped: bool,
}

impl<'p> Patience<'p> {
    fn new(deadline: Instant, stop: &'p dyn Fn() -> bool) -> Patience<'p> {
        Patience {
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
