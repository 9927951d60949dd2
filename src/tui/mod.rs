//! The reviewer's full screen: one model, one pure update, pure views, and the terminal they are drawn on.
//! Owns no queue and no key: what has to be done is handed out as effects, what came of it comes in as messages.
//!
//! No widget library stands between the text and the terminal: those at hand drop control characters, pass
//! bidi ones and cut long lines without a mark. A line here is made of `Escaped` and of our own words only.

pub mod card;
pub mod compare;
pub mod forms;
pub mod frame;
pub mod input;
pub mod keys;
pub mod list;
pub mod message;
pub mod model;
pub mod search;
pub mod terminal;
pub mod update;
pub mod view;

#[cfg(test)]
mod tests;
