//! libFuzzer's way into `handoff_fuzz::signatures`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::signatures::holds(data));
