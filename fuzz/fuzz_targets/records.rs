//! libFuzzer's way into `handoff_fuzz::records`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::records::holds(data));
