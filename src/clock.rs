//! What time it is, on both clocks a deadline is held against.
//! Reads the system's clocks and the boot id; nothing else.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime};

/// A wall-clock instant, milliseconds since 1970 in UTC; written as RFC 3339 with `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The Julian day of 1970-01-01.
const EPOCH: i64 = 2_440_588;
/// 9999-12-31T23:59:59.999Z: later instants have no four-digit year.
const LATEST: i64 = 253_402_300_799_999;

impl Timestamp {
    /// From milliseconds since 1970, held within the years 1970 to 9999.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis < 0 {
            0
        } else if millis > LATEST {
            LATEST
        } else {
            millis
        })
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved on by `span`.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(LATEST);
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The beginning of the whole second after this instant: what is told in seconds ends there at the earliest.
    #[must_use]
    pub fn next_second(self) -> Self {
        Self::from_millis(self.0.div_euclid(1000).saturating_add(1).saturating_mul(1000))
    }

    /// How long until `later`; zero when it has passed.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.div_euclid(1000), self.0.rem_euclid(1000));
        let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let julian = i32::try_from(day + EPOCH).map_err(|_| fmt::Error)?;
        let (year, month, day) = Date::from_julian_day(julian).map_err(|_| fmt::Error)?.to_calendar_date();
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z", u8::from(month))
    }
}

impl FromStr for Timestamp {
    type Err = time::error::Parse;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = OffsetDateTime::parse(text, &Rfc3339)?;
        let millis = time.unix_timestamp_nanos() / 1_000_000;
        Ok(Self::from_millis(i64::try_from(millis).unwrap_or(LATEST)))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Spelt)
    }
}

struct Spelt;

impl Visitor<'_> for Spelt {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time, YYYY-MM-DDThh:mm:ss.mmmZ")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
        canonical(text).ok_or_else(|| E::custom("time is not YYYY-MM-DDThh:mm:ss.mmmZ"))
    }
}

/// The instant in the one spelling that `Display` gives; records take no other.
fn canonical(text: &str) -> Option<Timestamp> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', ref time @ ..] = text.as_bytes() else {
        return None;
    };
    let &[h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2, f3, b'Z'] = time else { return None };
    let month = Month::try_from(u8::try_from(number(&[m1, m2])?).ok()?).ok()?;
    let (year, day) =
        (i32::try_from(number(&[y1, y2, y3, y4])?).ok()?, u8::try_from(number(&[d1, d2])?).ok()?);
    let date = Date::from_calendar_date(year, month, day).ok()?;
    let days = i64::from(date.to_julian_day()) - EPOCH;
    let (hours, minutes, seconds) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    if days < 0 || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let seconds = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
    Some(Timestamp(seconds * 1000 + number(&[f1, f2, f3])?))
}

fn number(digits: &[u8]) -> Option<i64> {
    let digit = |digit: &u8| digit.is_ascii_digit().then(|| i64::from(digit - b'0'));
    digits.iter().try_fold(0, |sum, next| Some(sum * 10 + digit(next)?))
}

/// One boot of this machine and how long it has been up, sleep included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootTime {
    /// Names the boot; differs after every restart.
    pub boot_id: String,
    /// Milliseconds since that boot, counted on while the machine sleeps.
    pub millis: u64,
}

impl BootTime {
    /// How long ago `earlier` was, if it was in this same boot.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Option<Duration> {
        let same = self.boot_id == earlier.boot_id;
        same.then(|| Duration::from_millis(self.millis.saturating_sub(earlier.millis)))
    }
}

/// Both clocks, read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock: can be set, can go back.
    pub wall: Timestamp,
    /// The boot-time clock: cannot be set.
    pub boot: BootTime,
}

/// Where the time comes from; a test brings its own.
pub trait Clock {
    /// Both clocks, now.
    fn now(&self) -> Moment;
}

/// The machine's own clocks.
#[derive(Debug, Clone)]
pub struct SystemClock {
    boot_id: &'static str,
}

impl SystemClock {
    /// Reads the boot id once a process; it cannot change while we run.
    #[must_use]
    pub fn new() -> Self {
        static BOOT_ID: OnceLock<String> = OnceLock::new();
        Self { boot_id: BOOT_ID.get_or_init(boot_id) }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn now(&self) -> Moment {
        let wall = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        Moment {
            wall: Timestamp::from_millis(i64::try_from(wall).unwrap_or(LATEST)),
            boot: BootTime { boot_id: self.boot_id.to_owned(), millis: uptime_millis() },
        }
    }
}

#[cfg(target_os = "linux")]
const UPTIME: rustix::time::ClockId = rustix::time::ClockId::Boottime;
#[cfg(target_os = "macos")]
const UPTIME: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

fn uptime_millis() -> u64 {
    let time = rustix::time::clock_gettime(UPTIME);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000_000
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

#[cfg(target_os = "macos")]
fn boot_id() -> String {
    let output = std::process::Command::new("/usr/sbin/sysctl").args(["-n", "kern.bootsessionuuid"]).output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_is_written_in_one_way_only() {
        let time = Timestamp::from_millis(1_795_361_000_120);
        assert_eq!(time.to_string(), "2026-11-22T15:23:20.120Z");
        let again: Timestamp = serde_json::from_str("\"2026-11-22T15:23:20.120Z\"").unwrap();
        assert_eq!(again, time);
        for other in ["2026-11-22T15:23:20Z", "2026-11-22T17:43:20.120+01:00"] {
            assert!(serde_json::from_str::<Timestamp>(&format!("\"{other}\"")).is_err(), "{other}");
        }
    }

    // As the general formatter writes it.
    fn formatted(time: Timestamp) -> String {
        let format = time::macros::format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.0) * 1_000_000).unwrap();
        time.format(format).unwrap()
    }

    // The slow way: read by the rules of RFC 3339, write it, compare.
    fn by_the_slow_way(text: &str) -> Option<Timestamp> {
        text.parse::<Timestamp>().ok().filter(|time| time.to_string() == text)
    }

    proptest! {
        #[test]
        fn every_time_is_read_back_and_every_other_text_as_the_slow_way_reads_it(
            millis in 0..=LATEST, at in 0usize..24, byte in 0u8..128,
        ) {
            let text = Timestamp::from_millis(millis).to_string();
            prop_assert_eq!(&text, &formatted(Timestamp(millis)));
            prop_assert_eq!(canonical(&text), Some(Timestamp(millis)));
            let mut bytes = text.into_bytes();
            bytes[at] = byte;
            let text = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(canonical(&text), by_the_slow_way(&text), "{}", text);
        }

        #[test]
        fn any_number_in_its_place_is_judged_as_the_slow_way_judges_it(
            text in "(0000|1969|1970|2000|2100|2024|9999)-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\\.[0-9]{3}Z"
        ) {
            prop_assert_eq!(canonical(&text), by_the_slow_way(&text), "{}", text);
        }
    }

    #[test]
    fn times_stay_within_four_digit_years() {
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from_millis(-5).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn spans_between_two_boots_are_not_known() {
        let here = BootTime { boot_id: "a".into(), millis: 5000 };
        let there = BootTime { boot_id: "b".into(), millis: 1000 };
        assert_eq!(here.since(&BootTime { boot_id: "a".into(), millis: 1000 }), Some(Duration::from_secs(4)));
        assert_eq!(here.since(&there), None);
    }

    #[test]
    fn the_system_clock_moves_on_and_names_its_boot() {
        let clock = SystemClock::new();
        let (first, second) = (clock.now(), clock.now());
        assert!(second.boot.millis >= first.boot.millis);
        assert_ne!(first.boot.boot_id, "unknown");
    }
}
