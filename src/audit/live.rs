//! A queue as the trail an audit reads, in one consistent state.
//! Reads only.

use super::fault::Faults;
use super::nodes::Nodes;
use super::trail::{End, Entry, OwnHead, Page, Row, Trail, TrailError, UNDAMAGED, sound};
use crate::ids::Digest;
use crate::log::checkpoint::SignedCheckpoint;
use crate::store::{EventRow, Read, StoreError};
use crate::ticket::event::KINDS;

/// How many events are read under one transaction: short enough to keep nobody waiting.
const PAGE: u64 = if cfg!(test) { 8 } else { 512 };

/// The queue inside one reading transaction.
pub struct Live<'a>(pub &'a dyn Read);

impl Live<'_> {
    /// A row that cannot be read spoils its page only for itself.
    fn singly(&self, from: u64) -> Result<Page, TrailError> {
        let mut page = Page::default();
        for seq in from..from.saturating_add(PAGE) {
            match self.0.event(seq) {
                Ok(Some(row)) => page.entries.push(event(row)),
                Ok(None) => {}
                Err(StoreError::Corrupt(why)) => page.entries.push(Entry::Damaged(seq, why)),
                Err(error) => return Err(error.into()),
            }
        }
        page.more = !page.entries.is_empty();
        Ok(page)
    }

    fn head(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError> {
        let wanted = format!("that of the {} events there are", end.size);
        let Some(head) = sound(self.0.head(), faults, (end.size, "head", &wanted))? else { return Ok(()) };
        faults.same(end.size, "head's size", &head.frontier.size(), &end.size);
        faults.same(end.size, "head's root", &head.frontier.root(), &end.root);
        faults.same(end.size, "head's time", &head.time, &end.latest);
        if head.frontier.root() == end.root { self.nodes(end, faults) } else { Ok(()) }
    }

    /// What proofs are made of: a wrong node proves nothing false, but nobody can decide any more.
    fn nodes(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError> {
        let mut kept = Nodes::default();
        let read = self.0.nodes(&mut |node| kept.add(&node));
        let read = sound(read, faults, (end.size, "tree", UNDAMAGED))?;
        if let Some(level) = read.and_then(|()| end.nodes.differ(&kept)) {
            let found = format!("other nodes than the events make, from level {level} on");
            faults.of_log(end.size, "tree", found, "those that they make");
        }
        Ok(())
    }

    fn identity(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError> {
        let identity = sound(self.0.identity(), faults, (0, "queue's identity", UNDAMAGED))?;
        let Some(identity) = identity else { return Ok(()) };
        let origin = end.origin.map(ToString::to_string).unwrap_or_default();
        faults.same(0, "queue's name", &identity.origin.to_string(), &origin);
        faults.same(0, "queue's log_key", &identity.log_key.as_str(), &end.log_key.unwrap_or_default());
        if let Some(life) = end.life {
            faults.same(end.size, "queue's incarnation", &identity.incarnation, &life);
        }
        Ok(())
    }

    fn counts(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError> {
        let Some(counts) = sound(self.0.counts(), faults, (end.size, "counts", UNDAMAGED))? else {
            return Ok(());
        };
        let rows: u64 = counts.iter().map(|(_, count)| count).sum();
        faults.same(end.size, "number of ticket rows", &rows, &end.tickets);
        self.pending(end, faults)
    }

    /// What is held against how many questions an account may have open.
    fn pending(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError> {
        let of = |uid: u32, number: u64| format!("{number} of user {uid}");
        for (uid, wanted) in end.pending {
            let found = self.0.pending_of(*uid);
            if let Some(found) = sound(found, faults, (end.size, "counts", UNDAMAGED))? {
                faults.same(end.size, "number of pending tickets", &of(*uid, found), &of(*uid, *wanted));
            }
        }
        Ok(())
    }

    /// By what the next transaction tells whether a policy or a reviewers file is a new one.
    fn newest(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError> {
        let told = |kind: &str, seq: Option<u64>| match seq {
            Some(seq) => format!("{kind}: event {seq}"),
            None => format!("{kind}: none"),
        };
        for kind in KINDS {
            let place = (end.size, "newest of a kind", UNDAMAGED);
            if let Some(found) = sound(self.0.newest(kind), faults, place)? {
                let wanted = told(kind, end.newest.get(kind).copied());
                faults.same(end.size, place.1, &told(kind, found.map(|row| row.seq)), &wanted);
            }
        }
        Ok(())
    }
}

fn head(size: u64, note: &str) -> OwnHead {
    let note = SignedCheckpoint::parse(note).map_err(|error| error.to_string())?;
    let named = note.unverified().size;
    if named == size { Ok(note) } else { Err(format!("of {named} events, kept as that of {size}")) }
}

fn event(row: EventRow) -> Entry {
    Entry::Event(Row::from(row))
}

impl Trail for Live<'_> {
    fn page(&mut self, from: u64) -> Result<Page, TrailError> {
        match self.0.events(from, PAGE) {
            Ok(rows) => {
                let more = u64::try_from(rows.len()).is_ok_and(|length| length == PAGE);
                let end = from.saturating_add(PAGE);
                // So many rows from here to there leave no gap.
                let whole = more && rows.last().is_some_and(|row| row.seq.checked_add(1) == Some(end));
                let entries = rows.into_iter().map(event).collect();
                Ok(Page { entries, more, next: whole.then_some(end) })
            }
            Err(StoreError::Corrupt(_)) => self.singly(from),
            Err(error) => Err(error.into()),
        }
    }

    /// The heads the queue itself kept: whatever is exported brings them all.
    fn heads(&self) -> Result<Vec<OwnHead>, TrailError> {
        match self.0.checkpoints(0, u64::MAX) {
            Ok(kept) => Ok(kept.iter().map(|(size, note)| head(*size, note)).collect()),
            Err(StoreError::Corrupt(why)) => Ok(vec![Err(why)]),
            Err(error) => Err(error.into()),
        }
    }

    fn named(&self) -> Vec<u64> {
        Vec::new()
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, TrailError> {
        Ok(self.0.blob(digest)?)
    }

    // A queue makes it anew from the request, for whoever asks.
    fn shows(&self, _: &Digest) -> Result<bool, TrailError> {
        Ok(true)
    }

    fn queue(&self) -> Option<&dyn Read> {
        Some(self.0)
    }

    fn copies(&self, _: u64, _: &str, _: &str, _: &mut Faults) -> Result<(), TrailError> {
        Ok(())
    }

    fn end(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError> {
        self.head(end, faults)?;
        self.identity(end, faults)?;
        self.counts(end, faults)?;
        self.newest(end, faults)
    }
}
