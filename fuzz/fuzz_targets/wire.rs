//! libFuzzer's way into `handoff_fuzz::wire`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::wire::holds(data));
