//! For Slack: <https://docs.slack.dev/reference/block-kit/blocks/>

use serde_json::{Value, json};

use super::{Fact, Link, Message, Tone};

/// The most texts of a section that stand beside each other.
const FIELDS: usize = 10;
/// The most characters of a header.
const HEADER: usize = 150;

/// The message as an incoming webhook of Slack's takes it. Whatever is hostile is in plain text, which Slack neither links nor
/// formats, and in which nobody can be mentioned.
#[must_use]
pub fn slack(message: &Message) -> Value {
    let headline = format!("{} {}", sign(message.tone), message.headline);
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "text": cut(&headline), "emoji": false } }),
        json!({ "type": "section", "text": plain(&message.sentence) }),
    ];
    // Two texts beside each other are a name and its value.
    blocks.extend(message.facts.chunks(FIELDS / 2).map(section));
    if !message.links.is_empty() {
        let links: Vec<_> = message.links.iter().map(link).collect();
        blocks.push(json!({ "type": "context", "elements": links }));
    }
    json!({
        // For notifications, and for what shows no blocks.
        "text": escaped(&format!("{headline}: {}", message.sentence)),
        "mrkdwn": false,
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": blocks,
    })
}

fn sign(tone: Tone) -> char {
    match tone {
        Tone::Plain => '🔹',
        Tone::Good => '✅',
        Tone::Warning => '🔸',
        Tone::Bad => '❌',
    }
}

fn section(facts: &[Fact]) -> Value {
    let name = |fact: &Fact| json!({ "type": "mrkdwn", "text": format!("*{}*", fact.name), "verbatim": true });
    let fields: Vec<_> = facts.iter().flat_map(|fact| [name(fact), plain(&fact.value)]).collect();
    json!({ "type": "section", "fields": fields })
}

fn link(Link { label, address }: &Link) -> Value {
    let text = format!("<{}|{}>", escaped(address), escaped(label));
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

/// A headline that is not too long: two names of 63 characters are.
fn cut(headline: &str) -> String {
    match headline.char_indices().nth(HEADER) {
        None => headline.to_owned(),
        Some(_) => headline.chars().take(HEADER - 1).chain(['…']).collect(),
    }
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": escaped(text), "emoji": false })
}

/// <https://docs.slack.dev/messaging/formatting-message-text/#escaping>
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
