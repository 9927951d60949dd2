//! A whole installation in a few dozen bytes: database, backup, memory outside, executors, clocks, people.
//! Small enough to try every order of events; the states in it are the machine's own, written shorter.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use crate::clock::{BootTime, Moment, Timestamp};
use crate::policy::{Risk, Terms, Verdict};
use crate::ticket::{
    ApprovedBy, CancelledBy, Claim, Deadline, End as Status, Execution, Outcome, RejectedBy, State,
};

/// The reviewers; a set of them is a mask of bits.
pub const PEOPLE: [&str; 3] = ["ana", "bo", "cy"];
/// Seconds in a tick: more than the clock may be behind unnoticed.
pub const TICK_S: u64 = 10;
/// The wall clock of tick 0.
pub const BEGINNING: i64 = 1_795_000_000_000;
/// Ticks a signed approve may be used.
pub const SIGNED_FOR: u8 = 2;

/// Both clocks in ticks: the wall's, which boot this is, and how long it has been up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time {
    pub wall: u8,
    pub boot: u8,
    pub up: u8,
}

impl Time {
    /// The same for the machine.
    pub fn moment(self) -> Moment {
        Moment { wall: wall(self.wall), boot: boot_time(self.boot, self.up) }
    }

    /// The same end for the machine.
    pub fn deadline(self) -> Deadline {
        Deadline { wall: wall(self.wall), boot: boot_time(self.boot, self.up) }
    }

    fn of(deadline: &Deadline) -> Self {
        Self {
            wall: tick(deadline.wall),
            boot: deadline.boot.boot_id.trim_start_matches("boot-").parse().unwrap(),
            up: u8::try_from(deadline.boot.millis / (TICK_S * 1000)).unwrap(),
        }
    }

    /// Whether this end has come at `now`, as DESIGN §3 says it.
    pub const fn is_over(self, now: Self) -> bool {
        now.wall >= self.wall || (now.boot == self.boot && now.up >= self.up)
    }
}

/// The instant of a tick.
pub fn wall(tick: u8) -> Timestamp {
    Timestamp::from_millis(BEGINNING + i64::from(tick) * i64::try_from(TICK_S * 1000).unwrap())
}

pub fn tick(time: Timestamp) -> u8 {
    u8::try_from((time.millis() - BEGINNING) / i64::try_from(TICK_S * 1000).unwrap()).unwrap()
}

fn boot_time(boot: u8, up: u8) -> BootTime {
    BootTime { boot_id: format!("boot-{boot}"), millis: u64::from(up) * TICK_S * 1000 }
}

/// A policy, by what it says of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    Allow,
    One,
    Two,
    /// Somebody else than the requester.
    Others,
    /// As `One`, and an approval lasts a tick.
    Short,
    Deny,
}

impl Rule {
    pub const fn terms(self) -> Option<Terms> {
        let (approvals, validity, distinct) = match self {
            Self::One => (1, 2, false),
            Self::Two => (2, 2, false),
            Self::Others => (1, 2, true),
            Self::Short => (1, 1, false),
            Self::Allow | Self::Deny => return None,
        };
        let (deadline_s, validity_s) = (2 * TICK_S, validity * TICK_S);
        Some(Terms { approvals, groups: BTreeSet::new(), deadline_s, validity_s, distinct })
    }

    pub fn verdict(self) -> Verdict {
        let none = BTreeSet::new;
        match (self, self.terms()) {
            (_, Some(terms)) => {
                Verdict::Review { rules: BTreeSet::new(), why: none(), risk: Risk::Medium, terms }
            }
            (Self::Allow, _) => Verdict::Allow { rules: BTreeSet::new() },
            _ => Verdict::Deny { rules: BTreeSet::new(), why: none(), instead: none() },
        }
    }

    /// Whether this person is the requester, by this policy's `[accounts]`.
    pub fn is_requester(self, person: u8, who: u8) -> bool {
        self == Self::Others && person == 0 && who == 0
    }
}

/// What became of the one right to execute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Run {
    Unclaimed,
    Claimed,
    Finished,
    NotStarted,
    Unknown,
    Reconciled,
}

/// Who agreed: the policy, or these people.
pub type By = Option<u8>;

/// A ticket's state without the words in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stand {
    Pending,
    Approved { at: u8, by: By, until: Time, run: Run },
    Rejected,
    Expired,
    Cancelled,
}

impl Stand {
    pub const fn run(self) -> Option<Run> {
        match self {
            Self::Approved { run, .. } => Some(run),
            _ => None,
        }
    }

    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Approved { run: Run::Unclaimed, .. })
    }

    /// No transition leads out of it.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Pending => false,
            Self::Approved { run, .. } => matches!(run, Run::Finished | Run::NotStarted | Run::Reconciled),
            Self::Rejected | Self::Expired | Self::Cancelled => true,
        }
    }

    /// The state as the machine has it.
    pub fn state(self) -> State {
        match self {
            Self::Pending => State::Pending {},
            Self::Approved { at, by, until, run } => State::Approved {
                at: wall(at),
                by: by.map_or_else(|| ApprovedBy::Policy(BTreeSet::new()), agreed),
                until: until.deadline(),
                execution: execution(run),
            },
            Self::Rejected => {
                let by = RejectedBy::Policy(BTreeSet::new());
                State::Rejected { at: wall(0), by, reason: None, suggest: None }
            }
            Self::Expired => State::Expired { at: wall(0), approved: false },
            Self::Cancelled => State::Cancelled { at: wall(0), why: CancelledBy::Requester },
        }
    }

    /// From the machine's own state; every variant has to be named here.
    pub fn of(state: &State) -> Self {
        match state {
            State::Pending {} => Self::Pending,
            State::Approved { at, by, until, execution } => {
                let by = match by {
                    ApprovedBy::Policy(_) => None,
                    ApprovedBy::Reviewers(who) => Some(who.iter().map(|p| bit(p.as_str())).sum()),
                };
                Self::Approved { at: tick(*at), by, until: Time::of(until), run: run(execution) }
            }
            State::Rejected { .. } => Self::Rejected,
            State::Expired { .. } => Self::Expired,
            State::Cancelled { .. } => Self::Cancelled,
        }
    }
}

fn bit(person: &str) -> u8 {
    1 << PEOPLE.iter().position(|name| *name == person).unwrap()
}

fn agreed(people: u8) -> ApprovedBy {
    ApprovedBy::Reviewers(members(people).map(|p| PEOPLE[usize::from(p)].parse().unwrap()).collect())
}

/// The people of a mask.
pub fn members(mask: u8) -> impl Iterator<Item = u8> {
    (0..3).filter(move |person| mask & (1 << person) != 0)
}

fn execution(run: Run) -> Execution {
    let outcome = Outcome { end: Status::Exit(0), millis: 1 };
    match run {
        Run::Unclaimed => Execution::Unclaimed {},
        Run::Claimed => Execution::Claimed(claim()),
        Run::Finished => Execution::Finished(claim(), outcome),
        Run::NotStarted => Execution::NotStarted(claim(), "x".into()),
        Run::Unknown => Execution::Unknown(claim()),
        Run::Reconciled => Execution::Reconciled(claim(), "x".into(), PEOPLE[0].parse().unwrap()),
    }
}

const fn run(execution: &Execution) -> Run {
    match execution {
        Execution::Unclaimed {} => Run::Unclaimed,
        Execution::Claimed(_) => Run::Claimed,
        Execution::Finished(..) => Run::Finished,
        Execution::NotStarted(..) => Run::NotStarted,
        Execution::Unknown(_) => Run::Unknown,
        Execution::Reconciled(..) => Run::Reconciled,
    }
}

pub fn claim() -> Claim {
    Claim { at: wall(0), pid: 1, start: "1".into(), boot_id: "boot-0".into() }
}

/// A recorded statement: what was said, in which life of the queue, and until when a yes holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Word {
    pub choice: Said,
    pub life: u8,
    pub until: u8,
}

/// A decision's choice, ordered and hashable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Said {
    Approve,
    Reject,
    Revoke,
}

/// A ticket and what its log says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slip {
    /// Never used twice, in no life of the queue.
    pub id: u8,
    pub who: u8,
    pub question: u8,
    /// Filed with the one idempotency key there is.
    pub keyed: bool,
    /// The newest attempt under that key.
    pub newest: bool,
    pub rule: Rule,
    pub due: Time,
    pub stand: Stand,
    /// Everybody's newest word.
    pub words: [Option<Word>; 3],
    /// The numbers of the statements from the drawer that were recorded, as bits.
    pub drawn: u8,
}

/// What the database holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Desk {
    pub slips: Vec<Slip>,
    /// Time of the newest event.
    pub seen: u8,
    pub life: u8,
    /// The policy and reviewers recorded last; of no weight, but events are made of it.
    pub noted: Aside<(Rule, u8)>,
}

impl Desk {
    pub fn slip(&self, id: u8) -> Option<&Slip> {
        self.slips.iter().find(|slip| slip.id == id)
    }

    pub fn slip_mut(&mut self, id: u8) -> &mut Slip {
        self.slips.iter_mut().find(|slip| slip.id == id).unwrap()
    }
}

/// Kept beside the state, and no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aside<T>(pub T);

impl<T> Hash for Aside<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// An executor, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hand {
    Idle,
    /// Holds the proof of a re-check; the flag says the ticket changed since.
    Checked(u8, bool),
    /// Its claim is committed, and not remembered outside yet. In which life that was.
    Committed(u8, u8),
    Claimed(u8),
    Running(u8),
}

impl Hand {
    pub const fn id(self) -> Option<u8> {
        match self {
            Self::Idle => None,
            Self::Checked(id, _) | Self::Committed(id, _) | Self::Claimed(id) | Self::Running(id) => Some(id),
        }
    }

    /// Has used a right, and holds the lock that says so.
    pub const fn executes(self, ticket: u8) -> bool {
        match self {
            Self::Committed(id, _) | Self::Claimed(id) | Self::Running(id) => id == ticket,
            Self::Idle | Self::Checked(..) => false,
        }
    }
}

/// An approve that was signed and not handed in yet; whoever finds it may hand it in, and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Statement {
    /// Each has its own, as each has a nonce.
    pub number: u8,
    pub person: u8,
    pub id: u8,
    pub life: u8,
    pub until: u8,
    /// The log it names had grown since the backup.
    pub grown: bool,
    /// The log it names is no longer this one.
    pub forked: bool,
}

/// How often what is rare may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Left {
    pub policies: u8,
    pub reviewers: u8,
    pub jumps: u8,
    pub reboots: u8,
    pub backups: u8,
    pub put_backs: u8,
    pub crashes: u8,
    pub drawn: u8,
    pub tickets: u8,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub now: Time,
    pub rule: Rule,
    /// The reviewers in force.
    pub trusted: u8,
    pub desk: Desk,
    pub backup: Option<Desk>,
    /// The log is not a continuation of the one remembered outside.
    pub behind: bool,
    /// The log has grown since the backup was made, or put back.
    pub grown: bool,
    /// The memory outside knows more than the backup holds.
    pub raised: bool,
    /// Rights remembered outside as used.
    pub spent: u8,
    pub hands: [Hand; 2],
    pub drawer: Option<Statement>,
    pub lives: u8,
    pub ids: u8,
    pub left: Left,
    /// How often the command of a ticket was started; nothing in the world can see it.
    pub starts: [u8; 4],
    /// Tickets that came to an end in this life, whatever the database says now.
    pub over: u8,
}

impl World {
    pub fn new(rule: Rule, left: Left) -> Self {
        Self {
            now: Time { wall: 1, boot: 0, up: 0 },
            rule,
            trusted: 0b111,
            desk: Desk { slips: Vec::new(), seen: 1, life: 0, noted: Aside((rule, 0b111)) },
            backup: None,
            behind: false,
            grown: false,
            raised: false,
            spent: 0,
            hands: [Hand::Idle; 2],
            drawer: None,
            lives: 1,
            ids: 0,
            left,
            starts: [0; 4],
            over: 0,
        }
    }

    /// Notes which tickets have come to an end; a new life begins without.
    pub fn remember(&mut self, before: &Self, reborn: bool) {
        self.over = if reborn { 0 } else { before.over };
        let ended = self.desk.slips.iter().filter(|slip| slip.stand.is_over());
        self.over |= ended.fold(0, |mask, slip| mask | 1 << slip.id);
    }
}
