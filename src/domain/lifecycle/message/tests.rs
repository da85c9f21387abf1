use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::domain::lifecycle::{Cause, Sighting};
use crate::domain::tests::{NOON, at, hostile, identity, pull_request, record};

/// A step with everything that is known at it.
fn event(step: Step) -> LifecycleEvent {
    let mut pull_request = pull_request();
    pull_request.title = "Add search".to_owned();
    let gone = Cause { word: "merged".to_owned(), sentence: "the pull request is merged".to_owned() };
    let draft = Cause { word: "draft".to_owned(), sentence: "the pull request is a draft".to_owned() };
    LifecycleEvent {
        step,
        at: at(NOON),
        application: "wildside".parse().unwrap(),
        repository: "acme/wildside".parse().unwrap(),
        pull_request,
        identity: identity(),
        overlay: "overlays/ephemeral/pr-123".parse().unwrap(),
        generation: 3,
        record: (step != Step::Refused).then(record),
        images: Vec::new(),
        apps_commit: None,
        reason: match step {
            Step::Removed => Some(gone),
            Step::Refused => Some(draft),
            _ => None,
        },
        expires_at: (step == Step::Expiring).then(|| at("2026-11-22T12:00:00Z")),
        seen: match step {
            Step::Ready => Some(Sighting { seconds: 95, last: "200".to_owned() }),
            Step::Failed => Some(Sighting { seconds: 600, last: "status 503, wanted 200".to_owned() }),
            _ => None,
        },
        by: (step == Step::Deploying).then(|| "ada".to_owned()),
        run: Some("https://github.com/acme/wildside/actions/runs/7".to_owned()),
    }
}

/// An event of which others chose every text that they can choose.
fn chosen(step: Step, text: &str) -> LifecycleEvent {
    let mut event = event(step);
    event.pull_request.title = text.to_owned();
    event.pull_request.url = format!("https://github.com/{text}");
    event.pull_request.author.as_mut().unwrap().login = text.to_owned();
    event.reason = Some(Cause { word: "x".to_owned(), sentence: text.to_owned() });
    event.seen = Some(Sighting { seconds: u64::MAX, last: text.to_owned() });
    event.by = Some(text.to_owned());
    event.run = Some(format!("https://github.com/run/{text}"));
    event
}

/// A message as people would tell it to each other.
fn told(event: &LifecycleEvent) -> String {
    let Message { headline, sentence, facts, links, tone } = Message::of(event);
    let mut told = format!("{headline} ({tone:?})\n  {sentence}\n");
    for Fact { name, value, .. } in facts {
        writeln!(told, "  {name}: {value}").unwrap();
    }
    for Link { label, address } in links {
        writeln!(told, "  [{label}] {address}").unwrap();
    }
    told
}

/// Where the parts of a card are.
const CARD: [&str; 2] = ["/attachments/0/content/body", "/attachments/0/content/actions"];

/// JSON with what is in some of its arrays on lines of its own.
fn by_line(mut value: Value, arrays: &[&str]) -> String {
    let mut lines = Vec::new();
    for pointer in arrays {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = value.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        let Value::Array(elements) = parent.shift_remove(name).unwrap() else { panic!("`{pointer}` is no array") };
        lines.extend(elements.iter().map(|element| format!("  {element}")));
    }
    lines.insert(0, value.to_string());
    lines.join("\n")
}

#[test]
fn each_step_reads_well() {
    insta::assert_snapshot!(Step::ALL.map(|step| told(&event(step))).join("\n"), @"
        Preview pr-123 of wildside is being rolled out (Plain)
          Add search (#123), opened by ada
          Commit: aaaaaaa
          Address: https://pr-123.preview.example.com
          Run by: ada
          [Preview] https://pr-123.preview.example.com
          [Pull request #123] https://github.com/acme/wildside/pull/123
          [Run] https://github.com/acme/wildside/actions/runs/7

        Preview pr-123 of wildside is being updated (Plain)
          Add search (#123), opened by ada
          Commit: aaaaaaa
          Address: https://pr-123.preview.example.com
          [Preview] https://pr-123.preview.example.com
          [Pull request #123] https://github.com/acme/wildside/pull/123
          [Run] https://github.com/acme/wildside/actions/runs/7

        Preview pr-123 of wildside is ready (Good)
          Add search (#123), opened by ada
          Commit: aaaaaaa
          Address: https://pr-123.preview.example.com
          Waited: 1 min 35 s
          [Preview] https://pr-123.preview.example.com
          [Pull request #123] https://github.com/acme/wildside/pull/123
          [Run] https://github.com/acme/wildside/actions/runs/7

        Preview pr-123 of wildside did not get ready (Bad)
          Add search (#123), opened by ada
          Commit: aaaaaaa
          Address: https://pr-123.preview.example.com
          Waited: 10 min
          Last answer: status 503, wanted 200
          [Preview] https://pr-123.preview.example.com
          [Pull request #123] https://github.com/acme/wildside/pull/123
          [Run] https://github.com/acme/wildside/actions/runs/7

        Preview pr-123 of wildside will be removed soon (Warning)
          Add search (#123), opened by ada
          Commit: aaaaaaa
          Address: https://pr-123.preview.example.com
          Time is up on: 2026-11-22 12:00 UTC
          [Preview] https://pr-123.preview.example.com
          [Pull request #123] https://github.com/acme/wildside/pull/123
          [Run] https://github.com/acme/wildside/actions/runs/7

        Preview pr-123 of wildside was removed (Plain)
          Add search (#123), opened by ada
          Commit: aaaaaaa
          Because: the pull request is merged
          [Pull request #123] https://github.com/acme/wildside/pull/123
          [Run] https://github.com/acme/wildside/actions/runs/7

        Pull request 123 gets no preview of wildside (Warning)
          Add search (#123), opened by ada
          Commit: aaaaaaa
          Because: the pull request is a draft
          [Pull request #123] https://github.com/acme/wildside/pull/123
          [Run] https://github.com/acme/wildside/actions/runs/7
        ");
}

#[test]
fn slack_gets_blocks_and_a_text_for_notifications() {
    let shown = Step::ALL.map(|step| by_line(slack(&Message::of(&event(step))), &["/blocks"]));
    insta::assert_snapshot!(shown.join("\n"), @r#"
        {"text":"🔹 Preview pr-123 of wildside is being rolled out: Add search (#123), opened by ada","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}
          {"type":"header","text":{"type":"plain_text","text":"🔹 Preview pr-123 of wildside is being rolled out","emoji":false}}
          {"type":"section","text":{"type":"plain_text","text":"Add search (#123), opened by ada","emoji":false}}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Commit*","verbatim":true},{"type":"plain_text","text":"aaaaaaa","emoji":false},{"type":"mrkdwn","text":"*Address*","verbatim":true},{"type":"plain_text","text":"https://pr-123.preview.example.com","emoji":false},{"type":"mrkdwn","text":"*Run by*","verbatim":true},{"type":"plain_text","text":"ada","emoji":false}]}
          {"type":"context","elements":[{"type":"mrkdwn","text":"<https://pr-123.preview.example.com|Preview>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/pull/123|Pull request #123>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/actions/runs/7|Run>","verbatim":true}]}
        {"text":"🔹 Preview pr-123 of wildside is being updated: Add search (#123), opened by ada","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}
          {"type":"header","text":{"type":"plain_text","text":"🔹 Preview pr-123 of wildside is being updated","emoji":false}}
          {"type":"section","text":{"type":"plain_text","text":"Add search (#123), opened by ada","emoji":false}}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Commit*","verbatim":true},{"type":"plain_text","text":"aaaaaaa","emoji":false},{"type":"mrkdwn","text":"*Address*","verbatim":true},{"type":"plain_text","text":"https://pr-123.preview.example.com","emoji":false}]}
          {"type":"context","elements":[{"type":"mrkdwn","text":"<https://pr-123.preview.example.com|Preview>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/pull/123|Pull request #123>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/actions/runs/7|Run>","verbatim":true}]}
        {"text":"✅ Preview pr-123 of wildside is ready: Add search (#123), opened by ada","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}
          {"type":"header","text":{"type":"plain_text","text":"✅ Preview pr-123 of wildside is ready","emoji":false}}
          {"type":"section","text":{"type":"plain_text","text":"Add search (#123), opened by ada","emoji":false}}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Commit*","verbatim":true},{"type":"plain_text","text":"aaaaaaa","emoji":false},{"type":"mrkdwn","text":"*Address*","verbatim":true},{"type":"plain_text","text":"https://pr-123.preview.example.com","emoji":false},{"type":"mrkdwn","text":"*Waited*","verbatim":true},{"type":"plain_text","text":"1 min 35 s","emoji":false}]}
          {"type":"context","elements":[{"type":"mrkdwn","text":"<https://pr-123.preview.example.com|Preview>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/pull/123|Pull request #123>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/actions/runs/7|Run>","verbatim":true}]}
        {"text":"❌ Preview pr-123 of wildside did not get ready: Add search (#123), opened by ada","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}
          {"type":"header","text":{"type":"plain_text","text":"❌ Preview pr-123 of wildside did not get ready","emoji":false}}
          {"type":"section","text":{"type":"plain_text","text":"Add search (#123), opened by ada","emoji":false}}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Commit*","verbatim":true},{"type":"plain_text","text":"aaaaaaa","emoji":false},{"type":"mrkdwn","text":"*Address*","verbatim":true},{"type":"plain_text","text":"https://pr-123.preview.example.com","emoji":false},{"type":"mrkdwn","text":"*Waited*","verbatim":true},{"type":"plain_text","text":"10 min","emoji":false},{"type":"mrkdwn","text":"*Last answer*","verbatim":true},{"type":"plain_text","text":"status 503, wanted 200","emoji":false}]}
          {"type":"context","elements":[{"type":"mrkdwn","text":"<https://pr-123.preview.example.com|Preview>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/pull/123|Pull request #123>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/actions/runs/7|Run>","verbatim":true}]}
        {"text":"🔸 Preview pr-123 of wildside will be removed soon: Add search (#123), opened by ada","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}
          {"type":"header","text":{"type":"plain_text","text":"🔸 Preview pr-123 of wildside will be removed soon","emoji":false}}
          {"type":"section","text":{"type":"plain_text","text":"Add search (#123), opened by ada","emoji":false}}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Commit*","verbatim":true},{"type":"plain_text","text":"aaaaaaa","emoji":false},{"type":"mrkdwn","text":"*Address*","verbatim":true},{"type":"plain_text","text":"https://pr-123.preview.example.com","emoji":false},{"type":"mrkdwn","text":"*Time is up on*","verbatim":true},{"type":"plain_text","text":"2026-11-22 12:00 UTC","emoji":false}]}
          {"type":"context","elements":[{"type":"mrkdwn","text":"<https://pr-123.preview.example.com|Preview>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/pull/123|Pull request #123>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/actions/runs/7|Run>","verbatim":true}]}
        {"text":"🔹 Preview pr-123 of wildside was removed: Add search (#123), opened by ada","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}
          {"type":"header","text":{"type":"plain_text","text":"🔹 Preview pr-123 of wildside was removed","emoji":false}}
          {"type":"section","text":{"type":"plain_text","text":"Add search (#123), opened by ada","emoji":false}}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Commit*","verbatim":true},{"type":"plain_text","text":"aaaaaaa","emoji":false},{"type":"mrkdwn","text":"*Because*","verbatim":true},{"type":"plain_text","text":"the pull request is merged","emoji":false}]}
          {"type":"context","elements":[{"type":"mrkdwn","text":"<https://github.com/acme/wildside/pull/123|Pull request #123>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/actions/runs/7|Run>","verbatim":true}]}
        {"text":"🔸 Pull request 123 gets no preview of wildside: Add search (#123), opened by ada","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}
          {"type":"header","text":{"type":"plain_text","text":"🔸 Pull request 123 gets no preview of wildside","emoji":false}}
          {"type":"section","text":{"type":"plain_text","text":"Add search (#123), opened by ada","emoji":false}}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Commit*","verbatim":true},{"type":"plain_text","text":"aaaaaaa","emoji":false},{"type":"mrkdwn","text":"*Because*","verbatim":true},{"type":"plain_text","text":"the pull request is a draft","emoji":false}]}
          {"type":"context","elements":[{"type":"mrkdwn","text":"<https://github.com/acme/wildside/pull/123|Pull request #123>","verbatim":true},{"type":"mrkdwn","text":"<https://github.com/acme/wildside/actions/runs/7|Run>","verbatim":true}]}
        "#);
}

#[test]
fn teams_gets_an_adaptive_card() {
    let shown = Step::ALL.map(|step| by_line(teams(&Message::of(&event(step))), &CARD));
    insta::assert_snapshot!(shown.join("\n"), @r#"
        {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4"}}]}
          {"type":"TextBlock","text":"Preview pr-123 of wildside is being rolled out","size":"Large","weight":"Bolder","color":"Default","wrap":true}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Add search (#123), opened by ada","weight":"Default"}]}
          {"type":"FactSet","facts":[{"title":"Commit","value":"aaaaaaa"},{"title":"Address","value":"https://pr-123.preview.example.com"}]}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Run by: ","weight":"Bolder"},{"type":"TextRun","text":"ada","weight":"Default"}]}
          {"type":"Action.OpenUrl","title":"Preview","url":"https://pr-123.preview.example.com"}
          {"type":"Action.OpenUrl","title":"Pull request #123","url":"https://github.com/acme/wildside/pull/123"}
          {"type":"Action.OpenUrl","title":"Run","url":"https://github.com/acme/wildside/actions/runs/7"}
        {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4"}}]}
          {"type":"TextBlock","text":"Preview pr-123 of wildside is being updated","size":"Large","weight":"Bolder","color":"Default","wrap":true}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Add search (#123), opened by ada","weight":"Default"}]}
          {"type":"FactSet","facts":[{"title":"Commit","value":"aaaaaaa"},{"title":"Address","value":"https://pr-123.preview.example.com"}]}
          {"type":"Action.OpenUrl","title":"Preview","url":"https://pr-123.preview.example.com"}
          {"type":"Action.OpenUrl","title":"Pull request #123","url":"https://github.com/acme/wildside/pull/123"}
          {"type":"Action.OpenUrl","title":"Run","url":"https://github.com/acme/wildside/actions/runs/7"}
        {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4"}}]}
          {"type":"TextBlock","text":"Preview pr-123 of wildside is ready","size":"Large","weight":"Bolder","color":"Good","wrap":true}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Add search (#123), opened by ada","weight":"Default"}]}
          {"type":"FactSet","facts":[{"title":"Commit","value":"aaaaaaa"},{"title":"Address","value":"https://pr-123.preview.example.com"},{"title":"Waited","value":"1 min 35 s"}]}
          {"type":"Action.OpenUrl","title":"Preview","url":"https://pr-123.preview.example.com"}
          {"type":"Action.OpenUrl","title":"Pull request #123","url":"https://github.com/acme/wildside/pull/123"}
          {"type":"Action.OpenUrl","title":"Run","url":"https://github.com/acme/wildside/actions/runs/7"}
        {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4"}}]}
          {"type":"TextBlock","text":"Preview pr-123 of wildside did not get ready","size":"Large","weight":"Bolder","color":"Attention","wrap":true}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Add search (#123), opened by ada","weight":"Default"}]}
          {"type":"FactSet","facts":[{"title":"Commit","value":"aaaaaaa"},{"title":"Address","value":"https://pr-123.preview.example.com"},{"title":"Waited","value":"10 min"}]}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Last answer: ","weight":"Bolder"},{"type":"TextRun","text":"status 503, wanted 200","weight":"Default"}]}
          {"type":"Action.OpenUrl","title":"Preview","url":"https://pr-123.preview.example.com"}
          {"type":"Action.OpenUrl","title":"Pull request #123","url":"https://github.com/acme/wildside/pull/123"}
          {"type":"Action.OpenUrl","title":"Run","url":"https://github.com/acme/wildside/actions/runs/7"}
        {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4"}}]}
          {"type":"TextBlock","text":"Preview pr-123 of wildside will be removed soon","size":"Large","weight":"Bolder","color":"Warning","wrap":true}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Add search (#123), opened by ada","weight":"Default"}]}
          {"type":"FactSet","facts":[{"title":"Commit","value":"aaaaaaa"},{"title":"Address","value":"https://pr-123.preview.example.com"},{"title":"Time is up on","value":"2026-11-22 12:00 UTC"}]}
          {"type":"Action.OpenUrl","title":"Preview","url":"https://pr-123.preview.example.com"}
          {"type":"Action.OpenUrl","title":"Pull request #123","url":"https://github.com/acme/wildside/pull/123"}
          {"type":"Action.OpenUrl","title":"Run","url":"https://github.com/acme/wildside/actions/runs/7"}
        {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4"}}]}
          {"type":"TextBlock","text":"Preview pr-123 of wildside was removed","size":"Large","weight":"Bolder","color":"Default","wrap":true}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Add search (#123), opened by ada","weight":"Default"}]}
          {"type":"FactSet","facts":[{"title":"Commit","value":"aaaaaaa"}]}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Because: ","weight":"Bolder"},{"type":"TextRun","text":"the pull request is merged","weight":"Default"}]}
          {"type":"Action.OpenUrl","title":"Pull request #123","url":"https://github.com/acme/wildside/pull/123"}
          {"type":"Action.OpenUrl","title":"Run","url":"https://github.com/acme/wildside/actions/runs/7"}
        {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4"}}]}
          {"type":"TextBlock","text":"Pull request 123 gets no preview of wildside","size":"Large","weight":"Bolder","color":"Warning","wrap":true}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Add search (#123), opened by ada","weight":"Default"}]}
          {"type":"FactSet","facts":[{"title":"Commit","value":"aaaaaaa"}]}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Because: ","weight":"Bolder"},{"type":"TextRun","text":"the pull request is a draft","weight":"Default"}]}
          {"type":"Action.OpenUrl","title":"Pull request #123","url":"https://github.com/acme/wildside/pull/123"}
          {"type":"Action.OpenUrl","title":"Run","url":"https://github.com/acme/wildside/actions/runs/7"}
        "#);
}

#[test]
fn a_title_that_means_harm_stands_there_as_it_is() {
    let title = "<!channel> <@U1> @here *bold* _it_ `code` <https://evil.example|Slack> &amp; [a](https://evil.example)\r\n## x\u{202e}\u{200b}";
    let message = Message::of(&chosen(Step::Failed, title));
    insta::assert_snapshot!(by_line(slack(&message), &["/blocks"]), @r#"
        {"text":"❌ Preview pr-123 of wildside did not get ready: &lt;!channel&gt; &lt;@U1&gt; @here *bold* _it_ `code` &lt;https://evil.example|Slack&gt; &amp;amp; [a](https://evil.example) ## x (#123), opened by &lt;!channel&gt; &lt;@U1&gt; @here *bold* _it_ `code` &lt;https://evil.example|Slack&gt; &amp;amp; [a](https://evil.examp…","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}
          {"type":"header","text":{"type":"plain_text","text":"❌ Preview pr-123 of wildside did not get ready","emoji":false}}
          {"type":"section","text":{"type":"plain_text","text":"&lt;!channel&gt; &lt;@U1&gt; @here *bold* _it_ `code` &lt;https://evil.example|Slack&gt; &amp;amp; [a](https://evil.example) ## x (#123), opened by &lt;!channel&gt; &lt;@U1&gt; @here *bold* _it_ `code` &lt;https://evil.example|Slack&gt; &amp;amp; [a](https://evil.examp…","emoji":false}}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Commit*","verbatim":true},{"type":"plain_text","text":"aaaaaaa","emoji":false},{"type":"mrkdwn","text":"*Address*","verbatim":true},{"type":"plain_text","text":"https://pr-123.preview.example.com","emoji":false},{"type":"mrkdwn","text":"*Waited*","verbatim":true},{"type":"plain_text","text":"307445734561825860 min 15 s","emoji":false},{"type":"mrkdwn","text":"*Last answer*","verbatim":true},{"type":"plain_text","text":"&lt;!channel&gt; &lt;@U1&gt; @here *bold* _it_ `code` &lt;https://evil.example|Slack&gt; &amp;amp; [a](https://evil.example) ## x","emoji":false},{"type":"mrkdwn","text":"*Because*","verbatim":true},{"type":"plain_text","text":"&lt;!channel&gt; &lt;@U1&gt; @here *bold* _it_ `code` &lt;https://evil.example|Slack&gt; &amp;amp; [a](https://evil.example) ## x","emoji":false}]}
          {"type":"section","fields":[{"type":"mrkdwn","text":"*Run by*","verbatim":true},{"type":"plain_text","text":"&lt;!channel&gt; &lt;@U1&gt; @here *bold* _it_ `code` &lt;https://evil.example|Slack&gt; &amp;amp; [a](https://evil.example) ## x","emoji":false}]}
          {"type":"context","elements":[{"type":"mrkdwn","text":"<https://pr-123.preview.example.com|Preview>","verbatim":true}]}
        "#);
    insta::assert_snapshot!(by_line(teams(&message), &CARD), @r#"
        {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4"}}]}
          {"type":"TextBlock","text":"Preview pr-123 of wildside did not get ready","size":"Large","weight":"Bolder","color":"Attention","wrap":true}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"<!channel> <@U1> @here *bold* _it_ `code` <https://evil.example|Slack> &amp; [a](https://evil.example) ## x (#123), opened by <!channel> <@U1> @here *bold* _it_ `code` <https://evil.example|Slack> &amp; [a](https://evil.examp…","weight":"Default"}]}
          {"type":"FactSet","facts":[{"title":"Commit","value":"aaaaaaa"},{"title":"Address","value":"https://pr-123.preview.example.com"},{"title":"Waited","value":"307445734561825860 min 15 s"}]}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Last answer: ","weight":"Bolder"},{"type":"TextRun","text":"<!channel> <@U1> @here *bold* _it_ `code` <https://evil.example|Slack> &amp; [a](https://evil.example) ## x","weight":"Default"}]}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Because: ","weight":"Bolder"},{"type":"TextRun","text":"<!channel> <@U1> @here *bold* _it_ `code` <https://evil.example|Slack> &amp; [a](https://evil.example) ## x","weight":"Default"}]}
          {"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Run by: ","weight":"Bolder"},{"type":"TextRun","text":"<!channel> <@U1> @here *bold* _it_ `code` <https://evil.example|Slack> &amp; [a](https://evil.example) ## x","weight":"Default"}]}
          {"type":"Action.OpenUrl","title":"Preview","url":"https://pr-123.preview.example.com"}
        "#);
}

/// The members of that name, anywhere in it.
fn members<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get(name));
            object.values().for_each(|value| members(value, name, found));
        }
        Value::Array(array) => array.iter().for_each(|value| members(value, name, found)),
        _ => {}
    }
}

fn all<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    members(value, name, &mut found);
    found
}

fn length(text: &Value) -> usize {
    text.as_str().unwrap().chars().count()
}

/// <https://docs.slack.dev/reference/block-kit/blocks/>
fn keeps_slacks_limits(message: &Value) {
    let blocks = message["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50 && length(&message["text"]) <= 4000);
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "header" => assert!((1..=150).contains(&length(&block["text"]["text"]))),
            "section" => {
                let text = block.get("text").map_or(1, |text| length(&text["text"]));
                assert!((1..=3000).contains(&text));
                let fields = block.get("fields").map_or(&[][..], |fields| fields.as_array().unwrap());
                assert!(fields.len() <= 10 && (block.get("text").is_some() || !fields.is_empty()));
                assert!(fields.iter().all(|field| (1..=2000).contains(&length(&field["text"]))));
            }
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                assert!((1..=10).contains(&elements.len()));
                assert!(elements.iter().all(|element| (1..=3000).contains(&length(&element["text"]))));
            }
            other => panic!("`{other}` has no limits here"),
        }
    }
}

#[test]
fn the_longest_texts_are_cut_to_what_the_services_take() {
    let long = "x".repeat(63);
    for text in ["&".repeat(70_000), "🎪".repeat(70_000), "<a> ".repeat(20_000), String::new()] {
        for step in Step::ALL {
            let mut event = chosen(step, &text);
            event.application = long.parse().unwrap();
            event.identity.name = long.parse().unwrap();
            event.identity.host = [&long[..], &long, &long, &long[..60]].join(".").parse().unwrap();
            let message = Message::of(&event);
            keeps_slacks_limits(&slack(&message));
            let card = teams(&message).to_string();
            assert!(card.len() <= 28 * 1024, "{}", card.len());
        }
    }
}

proptest! {
    #[test]
    fn slack_never_gets_markup_of_others(text in hostile()) {
        let message = slack(&Message::of(&chosen(Step::Failed, &text)));
        keeps_slacks_limits(&message);
        for text in all(&message, "text").into_iter().filter_map(Value::as_str) {
            prop_assert!(!text.contains(char::is_control) && !text.contains('\u{202e}'), "{}", text);
        }
        for block in message["blocks"].as_array().unwrap() {
            let fields = block.get("fields").or(block.get("elements")).and_then(Value::as_array);
            for field in fields.into_iter().flatten().filter(|field| field["type"] == "mrkdwn") {
                // Ours are names between asterisks, and links.
                let text = field["text"].as_str().unwrap();
                let inner = text.trim_matches('*');
                let is_name = inner.chars().all(|character| character.is_ascii_alphabetic() || character == ' ');
                let is_link = text.starts_with("<https://") && text.ends_with('>') && text.matches(['<', '>', '|']).count() == 3;
                prop_assert!(is_name || is_link, "{}", text);
            }
            if let Some(sentence) = block.get("text") {
                prop_assert_eq!(&sentence["type"], "plain_text");
                prop_assert!(!sentence["text"].as_str().unwrap().contains(['<', '>']));
            }
        }
        prop_assert!(!message["text"].as_str().unwrap().contains(['<', '>']));
    }

    #[test]
    fn teams_never_gets_markdown_of_others(text in hostile()) {
        let message = teams(&Message::of(&chosen(Step::Failed, &text)));
        let body = message["attachments"][0]["content"]["body"].as_array().unwrap();
        for element in body.iter().filter(|element| element["type"] != "RichTextBlock") {
            for name in ["text", "value", "title"] {
                for text in all(element, name).into_iter().filter_map(Value::as_str) {
                    let is_plain = text.chars().all(|character| character.is_ascii_alphanumeric() || " .:/-".contains(character));
                    prop_assert!(is_plain, "{}", text);
                }
            }
        }
        for url in all(&message, "url").into_iter().filter_map(Value::as_str) {
            prop_assert!(url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", url);
        }
    }
}
