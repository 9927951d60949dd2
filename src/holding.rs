//! Holds off the signals that would stop or end this thread while a transaction is open, since a process
//! stopped inside one blocks every other. Touches only this thread's signal mask.

use std::marker::PhantomData;

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

const HELD: [Signal; 5] = [Signal::SIGTSTP, Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// While this lives, TSTP, INT, TERM, HUP and QUIT wait; dropping it lets them in.
/// Guards nest, and end on the thread they began on. Never start a command under one: it would inherit the mask.
#[derive(Debug)]
#[must_use = "the signals are let in again as soon as this is dropped"]
pub struct SignalsHeld {
    before: Option<SigSet>,
    this_thread: PhantomData<*const ()>,
}

impl SignalsHeld {
    /// Holds the signals off from here on (`pthread_sigmask(3)`).
    pub fn hold() -> Self {
        let set: SigSet = HELD.into_iter().collect();
        // The call fails only for an unknown `how`; holding nothing is then the old state, which is safe.
        let before = set.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok();
        Self { before, this_thread: PhantomData }
    }
}

impl Drop for SignalsHeld {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            let _ = before.thread_set_mask();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(signal: Signal) -> bool {
        SigSet::thread_get_mask().unwrap().contains(signal)
    }

    #[test]
    fn signals_are_held_only_while_the_guard_lives() {
        SigSet::empty().thread_set_mask().unwrap();
        assert!(!held(Signal::SIGTERM));
        let guard = SignalsHeld::hold();
        assert!(HELD.into_iter().all(held));
        assert!(!held(Signal::SIGCHLD));
        drop(guard);
        assert!(!HELD.into_iter().any(held));
    }

    #[test]
    fn an_inner_guard_does_not_let_in_what_the_outer_one_holds() {
        SigSet::empty().thread_set_mask().unwrap();
        let outer = SignalsHeld::hold();
        drop(SignalsHeld::hold());
        assert!(held(Signal::SIGINT));
        drop(outer);
        assert!(!held(Signal::SIGINT));
    }

    #[test]
    fn what_was_blocked_before_stays_blocked() {
        let own: SigSet = [Signal::SIGHUP].into_iter().collect();
        own.thread_block().unwrap();
        drop(SignalsHeld::hold());
        assert!(held(Signal::SIGHUP));
        own.thread_unblock().unwrap();
    }
}
