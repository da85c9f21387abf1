//! For Teams: <https://adaptivecards.io/explorer/>, and what Teams does with it:
//! <https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/cards-format>

use serde_json::{Value, json};

use super::{Fact, Link, Message, Tone};

/// The message as a workflow of Teams that posts what a webhook receives takes it: one Adaptive Card. Whatever is hostile is a
/// `TextRun`, in which Teams knows no Markdown.
#[must_use]
pub fn teams(message: &Message) -> Value {
    let (texts, table): (Vec<_>, Vec<_>) = message.facts.iter().partition(|fact| fact.is_hostile);
    let mut body = vec![headline(message), runs(&[(&message.sentence, false)])];
    if !table.is_empty() {
        let facts: Vec<_> =
            table.into_iter().map(|Fact { name, value, .. }| json!({ "title": name, "value": value })).collect();
        body.push(json!({ "type": "FactSet", "facts": facts }));
    }
    body.extend(texts.into_iter().map(|fact| runs(&[(&format!("{}: ", fact.name), true), (&fact.value, false)])));
    let actions: Vec<_> = message.links.iter().map(action).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
                "actions": actions,
            },
        }],
    })
}

fn headline(message: &Message) -> Value {
    let color = match message.tone {
        Tone::Plain => "Default",
        Tone::Good => "Good",
        Tone::Warning => "Warning",
        Tone::Bad => "Attention",
    };
    json!({
        "type": "TextBlock",
        "text": message.headline,
        "size": "Large",
        "weight": "Bolder",
        "color": color,
        "wrap": true,
    })
}

/// Text of which some is bold.
fn runs(texts: &[(&String, bool)]) -> Value {
    let run = |(text, is_bold): &(&String, bool)| {
        let weight = if *is_bold { "Bolder" } else { "Default" };
        json!({ "type": "TextRun", "text": text, "weight": weight })
    };
    json!({ "type": "RichTextBlock", "inlines": texts.iter().map(run).collect::<Vec<_>>() })
}

fn action(Link { label, address }: &Link) -> Value {
    json!({ "type": "Action.OpenUrl", "title": label, "url": address })
}
