//! Telling people who look elsewhere: the little a notification may say, and the programs that carry it.
//! Starts the notifiers of the account's settings; never inside a transaction, and decides nothing.

pub mod card;
pub mod deliver;
pub mod desktop;
pub mod inherited;
