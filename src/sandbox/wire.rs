//! The frames between a host and a worker: a letter, a length, and that many bytes.

use std::io::{self, Read, Write};

use crate::sandbox::{Job, Outcome};

/// A frame's letter and length.
pub(super) const HEADER: usize = 5;

/// More than this is no request.
const LARGEST_JOB: usize = 256 << 20;

/// The letters of frames.
pub(super) mod tag {
    /// To a worker: the job, and the code after it.
    pub const JOB: u8 = b'j';
    pub const CODE: u8 = b'c';
    /// From a worker: the script begins.
    pub const STARTED: u8 = b's';
    /// From a worker: it printed.
    pub const OUTPUT: u8 = b'o';
    /// From a worker: how it ended.
    pub const ANSWER: u8 = b'a';
}

/// Reads what a worker is to do; None when its host is gone.
pub fn read_job(from: &mut impl Read) -> io::Result<Option<Job>> {
    let Some(job) = read_frame(from, tag::JOB)? else { return Ok(None) };
    let Some(code) = read_frame(from, tag::CODE)? else { return Ok(None) };
    let mut job: Job = serde_json::from_slice(&job)?;
    job.script.code = code;
    Ok(Some(job))
}

/// Tells the host that the script begins.
pub fn write_started(to: &mut impl Write) -> io::Result<()> {
    write_frame(to, tag::STARTED, &[])
}

/// Hands on what the script printed.
pub fn write_output(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    write_frame(to, tag::OUTPUT, bytes)
}

/// Tells the host how the script ended.
pub fn write_answer(to: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    write_frame(to, tag::ANSWER, &serde_json::to_vec(outcome)?)
}

/// Returns the bytes of a job.
#[cfg(unix)]
pub(super) fn job_bytes(job: &Job) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_frame(&mut bytes, tag::JOB, &serde_json::to_vec(job)?)?;
    write_frame(&mut bytes, tag::CODE, &job.script.code)?;
    Ok(bytes)
}

fn write_frame(to: &mut impl Write, tag: u8, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::Error::other("a frame of more than 4 GiB"))?;
    let mut frame = Vec::with_capacity(HEADER + bytes.len());
    frame.push(tag);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(bytes);
    to.write_all(&frame)?;
    to.flush()
}

fn read_frame(from: &mut impl Read, wanted: u8) -> io::Result<Option<Vec<u8>>> {
    let mut header = [0; HEADER];
    match from.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let (tag, length) = header_parts(header);
    if tag != wanted || length > LARGEST_JOB {
        return Err(io::Error::other("a frame that is none"));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// Splits a frame's header into its letter and length.
pub(super) fn header_parts(header: [u8; HEADER]) -> (u8, usize) {
    let [tag, length @ ..] = header;
    (tag, u32::from_le_bytes(length) as usize)
}
