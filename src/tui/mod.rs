//! The reviewer's full screen: one model, one pure update, pure views, and the terminal they are drawn on.
//! Owns no queue and no key: what has to be done is handed out as effects, what came of it comes in as messages.
//!
//! Drawn through ratatui and crossterm, but without ratatui's widgets: those drop control characters, pass bidi
//! ones and cut long lines without a mark. A line here is made of `Escaped` and of our own words only.
//!
//! Keys are read by `input`, not by crossterm's events: those read stdin where it is a terminal, take an Esc that
//! ends a read for the key, and so make keys of pasted text whose beginning came in two pieces.

pub mod card;
pub mod compare;
pub mod forms;
pub mod frame;
pub mod input;
pub mod keys;
pub mod list;
pub mod message;
pub mod model;
pub mod paint;
pub mod search;
pub mod terminal;
pub mod update;
pub mod view;

#[cfg(test)]
mod tests;
