//! libFuzzer's way into `handoff_fuzz::escaping`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::escaping::holds(data));
