//! libFuzzer's way into `handoff_fuzz::receipts`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::receipts::holds(data));
