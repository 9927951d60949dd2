//! libFuzzer's way into `handoff_fuzz::reviewers`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::reviewers::holds(data));
