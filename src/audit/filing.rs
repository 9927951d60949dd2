//! What a ticket was filed with, read and digested: the costly part, which needs nothing of what came before.
//! Pure once the bytes were fetched, so that a page's filings are made on every core.

use super::law::{fetched, held, missing};
use super::trail::{Trail, TrailError};
use crate::ids::Digest;
use crate::policy::Verdict;
use crate::record::decode;
use crate::request::{Request, action_digest};
use crate::ticket::card::Card;
use crate::ticket::event::{Event, What};

/// The bytes that an event which files a ticket names as its request.
pub struct Named<'a> {
    digest: &'a Digest,
    verdict: &'a Verdict,
    bytes: Result<Vec<u8>, String>,
}

impl<'a> Named<'a> {
    /// Fetches them; nothing for an event that files none.
    ///
    /// # Errors
    /// When the trail cannot be read.
    pub fn by(event: &'a Event, read: &dyn Trail) -> Result<Option<Self>, TrailError> {
        let What::Proposed { request_sha256: digest, verdict, .. } = &event.what else { return Ok(None) };
        let bytes = fetched(read, digest)?.unwrap_or_else(|| Err(missing(digest)));
        Ok(Some(Self { digest, verdict, bytes }))
    }

    /// Holds them against their digest, reads them, and computes what follows from them.
    pub fn read(self) -> Filing {
        let bytes = self.bytes.and_then(|bytes| held(self.digest, bytes));
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "not text".to_owned()));
        let request = text.and_then(|text| decode::<Request>(&text).map_err(|error| error.to_string()));
        request.map(|request| Filed {
            action: action_digest(&request.action).ok(),
            card: Card::new(&request, self.verdict).digest(),
            request,
        })
    }
}

/// A request with what follows from it, or what is wrong with its bytes.
pub type Filing = Result<Filed, String>;

/// A request and what follows from it.
pub struct Filed {
    /// As its bytes say.
    pub request: Request,
    /// Digest of the action in it, made anew.
    pub action: Option<Digest>,
    /// Digest of its card, made anew.
    pub card: Digest,
}
