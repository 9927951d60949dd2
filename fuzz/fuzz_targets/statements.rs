//! libFuzzer's way into `handoff_fuzz::statements`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::statements::holds(data));
