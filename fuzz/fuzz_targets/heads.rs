//! libFuzzer's way into `handoff_fuzz::heads`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::heads::holds(data));
