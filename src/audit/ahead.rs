//! The pages of a log on their way to the audit. What needs nothing of the events before (reading them, and what
//! tickets were filed with) is done on other cores, up to two pages ahead. Reads the trail on this thread only.

use std::sync::Arc;

use rayon::prelude::*;

use super::chain::Parsed;
use super::fault::Fault;
use super::filing::{Filing, Named};
use super::signatures::{self, Task};
use super::trail::{Entry, Page, Trail, TrailError};
use crate::log::tree::Node;

/// An entry, read.
pub enum Item {
    /// An event, or bytes that are none.
    Event(Arc<Parsed>),
    /// Events that were left out.
    Hidden(Node),
    /// Something that is none, at this number, and why.
    Damaged(u64, String),
}

/// A page that can be followed now.
pub struct Ready {
    /// What comes next in the log.
    pub items: Vec<Item>,
    /// What its tickets were filed with, in its order.
    pub filings: Vec<Filing>,
    /// Whether there may be more behind it.
    pub more: bool,
}

/// A page whose events were read, but not yet what its tickets were filed with.
struct Opened {
    items: Vec<Item>,
    more: bool,
    next: Option<u64>,
}

impl Opened {
    fn of(page: Page) -> Self {
        let items = page.entries.into_par_iter().map(item).collect();
        Self { items, more: page.more, next: page.next }
    }

    /// The bytes its tickets were filed with.
    fn named(&self, trail: &dyn Trail) -> Result<Vec<Named<'_>>, TrailError> {
        let mut named = Vec::new();
        for item in &self.items {
            if let Item::Event(parsed) = item
                && let Ok(event) = &parsed.event
            {
                named.extend(Named::by(event, trail)?);
            }
        }
        Ok(named)
    }

    fn with(self, filings: Vec<Filing>) -> Ready {
        Ready { items: self.items, filings, more: self.more }
    }
}

/// The pages that were read before their turn.
#[derive(Default)]
pub struct Ahead {
    ready: Option<Ready>,
    opened: Option<Opened>,
}

impl Ahead {
    /// The next page, which begins at `from` if it was not read before its turn.
    ///
    /// # Errors
    /// When the trail cannot be read.
    pub fn next(&mut self, trail: &mut dyn Trail, from: u64) -> Result<Ready, TrailError> {
        if let Some(ready) = self.ready.take() {
            return Ok(ready);
        }
        let opened = match self.opened.take() {
            Some(opened) => opened,
            None => Opened::of(trail.page(from)?),
        };
        let filings = filings(opened.named(trail)?);
        self.opened = following(trail, opened.next)?.map(Opened::of);
        Ok(opened.with(filings))
    }

    /// Does `here` on this core, and on the others verifies signatures and brings the pages behind on their way.
    /// Gives what is wrong with the signatures.
    ///
    /// # Errors
    /// When the trail cannot be read, and those of `here`.
    pub fn meanwhile(
        &mut self,
        trail: &mut dyn Trail,
        tasks: Vec<Task>,
        here: impl FnOnce(&dyn Trail) -> Result<(), TrailError>,
    ) -> Result<Vec<Fault>, TrailError> {
        let opened = self.opened.take();
        let (mut wrong, mut filed, mut behind) = (Vec::new(), Vec::new(), None);
        rayon::in_place_scope(|others| {
            others.spawn(|_| wrong = signatures::verify(&tasks));
            let page = following(trail, opened.as_ref().and_then(|opened| opened.next))?;
            let named = opened.as_ref().map_or_else(|| Ok(Vec::new()), |opened| opened.named(trail))?;
            others.spawn(|_| filed = filings(named));
            others.spawn(|_| behind = page.map(Opened::of));
            here(trail)
        })?;
        self.ready = opened.map(|opened| opened.with(filed));
        self.opened = behind;
        Ok(wrong)
    }
}

/// The page that begins at `from`, if that is certain. A queue may grow meanwhile: its last page is read only in the
/// state that it is ended with.
fn following(trail: &mut dyn Trail, from: Option<u64>) -> Result<Option<Page>, TrailError> {
    let Some(from) = from else { return Ok(None) };
    let page = trail.page(from)?;
    Ok(Some(page).filter(|page| page.more || trail.queue().is_none()))
}

fn filings(named: Vec<Named<'_>>) -> Vec<Filing> {
    named.into_par_iter().map(Named::read).collect()
}

fn item(entry: Entry) -> Item {
    match entry {
        Entry::Event(row) => Item::Event(Arc::new(Parsed::of(row))),
        Entry::Hidden(node) => Item::Hidden(node),
        Entry::Damaged(seq, why) => Item::Damaged(seq, why),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use crate::audit::tests::{eventful, finished, told};
    use crate::audit::{Conclusion, Given, verify};
    use crate::ids::hex;
    use crate::store::Store as _;

    #[test]
    fn a_queue_that_grows_while_it_is_followed_is_followed_to_its_new_end() {
        let mut bench = eventful();
        let mut other = bench.another_process();
        let (store, mut pages) = (other.store(), 0);
        let (tell, told_of) = sync_channel(0);
        let (let_go_on, may_go_on) = sync_channel(0);
        let report = std::thread::scope(|scope| {
            let mut seen = move |at| {
                tell.send(at).unwrap();
                may_go_on.recv().unwrap();
            };
            let audit = scope.spawn(move || verify(store, Given::default(), &mut seen));
            let mut before = 0;
            for at in told_of {
                assert!(at >= before);
                (pages, before) = (pages + 1, at);
                if pages < 9 {
                    finished(&mut bench, &["rm", &pages.to_string()]);
                }
                let_go_on.send(()).unwrap();
            }
            audit.join().unwrap().unwrap()
        });
        assert_eq!((told(&report).as_str(), report.conclusion()), ("", Conclusion::OwnReviewers));
        assert_eq!((pages >= 9, report.counts.complete), (true, 9));
        assert_eq!(report.events, bench.queue.mark().unwrap().size);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_told_once_wherever_it_stands_on_a_page() {
        let mut bench = eventful();
        let rows = bench.queue.store().read(&mut |read| read.events(0, 100)).unwrap();
        assert!(rows.len() > 24);
        for row in rows {
            let leaf = hex(row.leaf.as_bytes());
            bench.edit(&format!("UPDATE events SET leaf = x'00' WHERE seq = {}", row.seq));
            let report = verify(bench.queue.store(), Given::default(), &mut |_| {}).unwrap();
            bench.edit(&format!("UPDATE events SET leaf = x'{leaf}' WHERE seq = {}", row.seq));
            let told_of = report.faults.kept().iter().filter(|fault| fault.wanted == "an event");
            let at: Vec<u64> = told_of.map(|fault| fault.seq).collect();
            assert_eq!(at, [row.seq], "{}", told(&report));
        }
        let report = verify(bench.queue.store(), Given::default(), &mut |_| {}).unwrap();
        assert_eq!(told(&report), "");
    }
}
