//! What a requester handed in for reading, put before the reviewer: every line escaped, behind a gutter.
//! Reads blobs; believes nothing of them.

use super::error::CliError;
use super::open::Desk;
use super::signer;
use crate::clock::Timestamp;
use crate::escaped::Escaped;
use crate::ids::Digest;
use crate::queue::evidence::Evidence;
use crate::request::Attachment;
use crate::review::{Terminal, read_card};
use crate::ticket::Ticket;

/// Pages every attachment of the ticket.
///
/// # Errors
/// When one is missing or is not what was handed in, or the reader leaves.
pub fn read(desk: &mut Desk, terminal: &mut Terminal<'_>, ticket: &Ticket) -> Result<(), CliError> {
    for attachment in &ticket.filed.request.context.attachments {
        let text = lines(desk, ticket, attachment)?.join("\n");
        // The proof is of the card; that the attachments were paged through is a courtesy.
        let _seen = read_card(terminal, &format!("{text}\n")).map_err(|error| signer::reading(&error))?;
    }
    Ok(())
}

/// The attachment as lines for a screen.
///
/// # Errors
/// When its bytes are missing and were not pruned, or are not what was handed in.
pub fn lines(desk: &mut Desk, ticket: &Ticket, attachment: &Attachment) -> Result<Vec<String>, CliError> {
    let name = Escaped::argument(attachment.name.as_bytes());
    let mut lines = vec![format!("ATTACHED {name}, {} bytes, not checked", attachment.size)];
    match payload(desk, ticket, &attachment.sha256)? {
        Payload::Pruned(at) => lines.push(format!("│ ({})", gone(at, &attachment.sha256))),
        Payload::There(bytes) if is_text(&bytes) => {
            lines.extend(Escaped::lines(&bytes).map(|line| format!("│ {line}")));
        }
        Payload::There(_) => {
            lines.push("│ (not text; write it to a file with: handoff show ID --blob NAME)".to_owned());
        }
    }
    Ok(lines)
}

/// Whether it can be shown as lines.
#[must_use]
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}

/// Bytes that were handed in with a ticket.
pub enum Payload {
    /// As they were.
    There(Vec<u8>),
    /// Removed for good at this time, by an event of the log that says so.
    Pruned(Timestamp),
}

/// That something was pruned, in words.
#[must_use]
pub fn gone(at: Timestamp, digest: &Digest) -> String {
    format!("payload pruned at {at}; it was {digest}")
}

/// A blob of the ticket, its digest checked again.
///
/// # Errors
/// When it is missing and was not pruned, or was changed.
pub fn payload(desk: &mut Desk, ticket: &Ticket, digest: &Digest) -> Result<Payload, CliError> {
    let bytes = desk.queue.read(&mut |read| Ok(read.blob(digest)?))?;
    match bytes {
        Some(bytes) if Digest::of(&bytes) == *digest => return Ok(Payload::There(bytes)),
        Some(_) => return Err(CliError::no(format!("the bytes of {digest} in the queue were changed"))),
        None => {}
    }
    let evidence = desk.queue.read(&mut |read| Evidence::gather(read, ticket))?;
    match evidence.pruned.get(digest) {
        Some(at) => Ok(Payload::Pruned(*at)),
        None => Err(CliError::no(format!("the bytes of {digest} are not in the queue"))),
    }
}
