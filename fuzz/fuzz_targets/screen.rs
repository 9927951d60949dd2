//! libFuzzer's way into `handoff_fuzz::screen`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::screen::holds(data));
