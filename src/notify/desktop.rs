//! The desktop's own notifications: `notify-send` where there is freedesktop, `osascript` on macOS.
//! Pure; what is started is an argv like every other notifier's.

use super::card::Card;

/// The program that shows them here.
pub const PROGRAM: &str = if cfg!(target_os = "macos") { "osascript" } else { "notify-send" };

/// The command that shows `card`. No part of it is read as code.
#[must_use]
pub fn command(card: &Card) -> Vec<String> {
    let (title, body) = (
        format!("handoff: {} {}", card.value("code"), card.value("risk")),
        format!(
            "{}\n{}, {} left, for {}",
            card.value("what"),
            card.value("rule"),
            card.value("left"),
            card.value("requester")
        ),
    );
    let words: &[&str] = if cfg!(target_os = "macos") {
        &[
            PROGRAM,
            "-e",
            "on run argv",
            "-e",
            "display notification (item 2 of argv) with title (item 1 of argv)",
            "-e",
            "end run",
            &title,
            &body,
        ]
    } else {
        let urgency = if card.value("risk") == "HIGH" { "critical" } else { "normal" };
        &[PROGRAM, "--app-name=handoff", "--urgency", urgency, "--", &title, &without_markup(&body)]
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A freedesktop body may hold markup; ours holds none.
fn without_markup(body: &str) -> String {
    body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_draw_on_the_desktop() {
        assert_eq!(without_markup("<a href='x'>&</a>"), "&lt;a href='x'&gt;&amp;&lt;/a&gt;");
    }
}
