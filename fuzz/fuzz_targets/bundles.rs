//! libFuzzer's way into `handoff_fuzz::bundles`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::bundles::holds(data));
