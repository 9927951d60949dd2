//! What a requester handed in for reading, put before the reviewer: every line escaped, behind a gutter.
//! Reads blobs; believes nothing of them.

use super::error::CliError;
use super::open::Desk;
use super::signer;
use crate::escaped::Escaped;
use crate::ids::Digest;
use crate::request::Attachment;
use crate::review::{Terminal, read_card};
use crate::ticket::Ticket;

/// Pages every attachment of the ticket.
///
/// # Errors
/// When one is missing or is not what was handed in, or the reader leaves.
pub fn read(desk: &mut Desk, terminal: &mut Terminal<'_>, ticket: &Ticket) -> Result<(), CliError> {
    for attachment in &ticket.filed.request.context.attachments {
        let text = lines(desk, attachment)?.join("\n");
        // The proof is of the card; that the attachments were paged through is a courtesy.
        let _seen = read_card(terminal, &format!("{text}\n")).map_err(|error| signer::reading(&error))?;
    }
    Ok(())
}

/// The attachment as lines for a screen.
///
/// # Errors
/// When its bytes are missing or are not what was handed in.
pub fn lines(desk: &mut Desk, attachment: &Attachment) -> Result<Vec<String>, CliError> {
    let name = Escaped::argument(attachment.name.as_bytes());
    let bytes = blob(desk, &attachment.sha256)?;
    let mut lines = vec![format!("ATTACHED {name}, {} bytes, not checked", attachment.size)];
    if is_text(&bytes) {
        lines.extend(Escaped::lines(&bytes).map(|line| format!("│ {line}")));
    } else {
        lines.push("│ (not text; write it to a file with: handoff show ID --blob NAME)".to_owned());
    }
    Ok(lines)
}

/// Whether it can be shown as lines.
#[must_use]
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}

/// A blob of the queue, its digest checked again.
///
/// # Errors
/// When it is missing or was changed.
pub fn blob(desk: &mut Desk, digest: &Digest) -> Result<Vec<u8>, CliError> {
    let bytes = desk.queue.read(&mut |read| Ok(read.blob(digest)?))?;
    match bytes {
        Some(bytes) if Digest::of(&bytes) == *digest => Ok(bytes),
        Some(_) => Err(CliError::no(format!("the bytes of {digest} in the queue were changed"))),
        None => Err(CliError::no(format!("the bytes of {digest} are not in the queue"))),
    }
}
