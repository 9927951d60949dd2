//! libFuzzer's way into `handoff_fuzz::policy`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| handoff_fuzz::policy::holds(data));
