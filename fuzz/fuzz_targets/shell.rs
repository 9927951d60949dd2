//! libFuzzer's way into `handoff_fuzz::shell`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::shell::holds(data));
