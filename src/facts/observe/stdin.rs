//! What the command will read, decided from what the requester asked and what is there.
//! Looks at the input it is given, and reads it only when it is to be captured.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, SeekFrom, fstat, seek};

use super::kept::LONGEST;
use crate::ids::Digest;
use crate::record::Text;
use crate::request::Stdin;
use crate::request::wire::StdinMode;

/// Why the input cannot be decided about.
#[derive(Debug, thiserror::Error)]
pub enum StdinError {
    /// Bytes wait, and nobody said what to do with them.
    #[error(
        "there is input, and nothing says what to do with it: --stdin capture shows it to the reviewers and binds \
         it, --stdin pass hands it on unseen, --stdin none leaves it"
    )]
    Unasked,
    /// More than is kept.
    #[error("--stdin capture takes at most 64 MiB; put the input into a file and use --stdin pass")]
    TooLarge,
    /// The system refused.
    #[error("cannot read the input: {0}")]
    Io(#[from] std::io::Error),
}

/// What is bound of the input.
#[derive(Debug, PartialEq, Eq)]
pub struct Input {
    /// For the record.
    pub stdin: Stdin,
    /// The captured bytes.
    pub captured: Option<Vec<u8>>,
}

/// Decides what the command reads.
///
/// # Errors
/// When bytes are ready and were not asked for, too many, or unreadable.
pub fn decide(mode: Option<StdinMode>, input: impl AsFd) -> Result<Input, StdinError> {
    let plain = |stdin| Input { stdin, captured: None };
    match mode {
        Some(StdinMode::None) => Ok(plain(Stdin::None)),
        Some(StdinMode::Pass) => Ok(plain(Stdin::Pass)),
        Some(StdinMode::Capture) => capture(input),
        None if rustix::termios::isatty(&input) => Ok(plain(Stdin::Terminal)),
        None if has_bytes(&input)? => Err(StdinError::Unasked),
        None => Ok(plain(Stdin::None)),
    }
}

/// The sentence for an input that is handed on unseen.
pub(super) fn unseen() -> Text {
    "what comes through standard input".into()
}

fn capture(input: impl AsFd) -> Result<Input, StdinError> {
    let file = File::from(input.as_fd().try_clone_to_owned()?);
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(StdinError::TooLarge);
    }
    let stdin = Stdin::Captured { sha256: Digest::of(&bytes), size: bytes.len() as u64 };
    Ok(Input { stdin, captured: Some(bytes) })
}

// End of file is readable too, on a pipe and on a socket, so readable bytes are counted. Other devices, as
// /dev/null, are not waited for.
fn has_bytes(input: impl AsFd) -> Result<bool, StdinError> {
    let stat = fstat(&input).map_err(std::io::Error::from)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {
            let at = seek(&input, SeekFrom::Current(0)).map_err(std::io::Error::from)?;
            Ok(u64::try_from(stat.st_size).unwrap_or(0) > at)
        }
        FileType::Fifo | FileType::Socket => Ok(is_readable(&input)? && waiting(&input)? > 0),
        _ => Ok(false),
    }
}

fn is_readable(input: impl AsFd) -> std::io::Result<bool> {
    let mut fds = [PollFd::new(&input, PollFlags::IN)];
    Ok(poll(&mut fds, Some(&Timespec::default()))? > 0)
}

fn waiting(input: impl AsFd) -> std::io::Result<u64> {
    Ok(rustix::io::ioctl_fionread(input)?)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _, pipe};

    use super::*;

    #[test]
    fn piped_bytes_nobody_asked_for_are_an_error_that_names_the_options() {
        let (reader, mut writer) = pipe().unwrap();
        writer.write_all(b"rm").unwrap();
        let error = decide(None, &reader).unwrap_err().to_string();
        for option in ["--stdin capture", "--stdin pass", "--stdin none"] {
            assert!(error.contains(option), "{error}");
        }
        assert_eq!(decide(Some(StdinMode::None), &reader).unwrap().stdin, Stdin::None);
    }

    #[test]
    fn an_empty_pipe_its_end_and_the_null_device_are_nothing() {
        let (reader, writer) = pipe().unwrap();
        assert_eq!(decide(None, &reader).unwrap().stdin, Stdin::None);
        drop(writer);
        assert_eq!(decide(None, &reader).unwrap().stdin, Stdin::None);
        assert_eq!(decide(None, File::open("/dev/null").unwrap()).unwrap().stdin, Stdin::None);
    }

    #[test]
    fn a_socket_counts_by_what_waits_on_it() {
        let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        assert_eq!(decide(None, &theirs).unwrap().stdin, Stdin::None);
        ours.write_all(b"x").unwrap();
        assert!(matches!(decide(None, &theirs), Err(StdinError::Unasked)));
    }

    #[test]
    fn a_file_counts_from_where_it_is_read() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"text").unwrap();
        assert_eq!(decide(None, &file).unwrap().stdin, Stdin::None);
        file.rewind().unwrap();
        assert!(matches!(decide(None, &file), Err(StdinError::Unasked)));
    }

    #[test]
    fn captured_bytes_are_bound_whole_up_to_the_limit() {
        let (reader, mut writer) = pipe().unwrap();
        writer.write_all(b"select 1").unwrap();
        drop(writer);
        let input = decide(Some(StdinMode::Capture), &reader).unwrap();
        assert_eq!(input.stdin, Stdin::Captured { sha256: Digest::of(b"select 1"), size: 8 });
        assert_eq!(input.captured.unwrap(), b"select 1");
        let file = tempfile::tempfile().unwrap();
        file.set_len(LONGEST + 1).unwrap();
        assert!(matches!(decide(Some(StdinMode::Capture), &file), Err(StdinError::TooLarge)));
    }

    #[test]
    fn what_is_passed_on_is_not_captured() {
        let input = decide(Some(StdinMode::Pass), File::open("/dev/null").unwrap()).unwrap();
        assert_eq!((input.stdin, input.captured), (Stdin::Pass, None));
    }
}
