//! `CloudEvents` over HTTP, by the official SDK.
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md>

use std::fmt::Write as _;

use bytes::Bytes;
use cloudevents::event::{EventBuilderError, SpecVersion};
use cloudevents::message::{BinaryDeserializer, BinarySerializer, Error, MessageAttributeValue, Result};
use cloudevents::{Event, EventBuilder, EventBuilderV10};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::domain::configuration::ContentMode;
use crate::domain::lifecycle::CloudEvent;

const JSON: &str = "application/json";
const STRUCTURED: HeaderValue = HeaderValue::from_static("application/cloudevents+json; charset=utf-8");

/// What goes into a request.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The event as a request has it.
///
/// # Errors
///
/// When an attribute breaks a rule of the specification.
pub(super) fn content(event: &CloudEvent, mode: ContentMode) -> Result<Content> {
    let event = built(event).map_err(|why| Error::Other { source: Box::new(why) })?;
    match mode {
        ContentMode::Binary => event.deserialize_binary(Binary(HeaderMap::new())),
        ContentMode::Structured => {
            let body = serde_json::to_vec(&event)?;
            Ok(Content { headers: HeaderMap::from_iter([(CONTENT_TYPE, STRUCTURED)]), body: body.into() })
        }
    }
}

fn built(event: &CloudEvent) -> std::result::Result<Event, EventBuilderError> {
    EventBuilderV10::new()
        .id(&event.id)
        .source(&event.source)
        .ty(&event.kind)
        .subject(&event.subject)
        .time(event.time.to_string())
        .extension("correlationid", event.correlation_id.as_str())
        .data_with_schema(JSON, event.data_schema.as_str(), event.data.clone())
        .build()
}

/// Attributes as headers. The SDK's own writes their values as they are, which are no headers with a line break or an umlaut.
struct Binary(HeaderMap);

impl Binary {
    fn put(mut self, name: &str, value: &str) -> Result<Self> {
        let other = |why: http::Error| Error::Other { source: Box::new(why) };
        let name = HeaderName::try_from(format!("ce-{name}")).map_err(|why| other(why.into()))?;
        let value = HeaderValue::try_from(encoded(value)).map_err(|why| other(why.into()))?;
        self.0.insert(name, value);
        Ok(self)
    }
}

impl BinarySerializer<Content> for Binary {
    fn set_spec_version(self, version: SpecVersion) -> Result<Self> {
        self.put("specversion", version.as_str())
    }

    fn set_attribute(mut self, name: &str, value: MessageAttributeValue) -> Result<Self> {
        if name == "datacontenttype" {
            self.0.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
            return Ok(self);
        }
        let value = value.to_string();
        // As in the other mode.
        let time = value.strip_suffix("+00:00").filter(|_| name == "time").map(|time| format!("{time}Z"));
        self.put(name, &time.unwrap_or(value))
    }

    fn set_extension(self, name: &str, value: MessageAttributeValue) -> Result<Self> {
        self.put(name, &value.to_string())
    }

    fn end_with_data(self, body: Vec<u8>) -> Result<Content> {
        Ok(Content { headers: self.0, body: body.into() })
    }

    fn end(self) -> Result<Content> {
        self.end_with_data(Vec::new())
    }
}

/// A value as a header has it: what is not printable in ASCII, spaces, `"` and `%` are percent-encoded (section 3.1.3.2).
pub(super) fn encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_graphic() && byte != b'"' && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_is_encoded_as_the_binding_says() {
        for (value, expected) in [
            ("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
            ("100% \"sure\"", "100%25%20%22sure%22"),
            ("https://example.com/a?b=c&d#e", "https://example.com/a?b=c&d#e"),
            ("a\r\nx-evil: 1\0\u{7f}", "a%0D%0Ax-evil:%201%00%7F"),
            ("", ""),
        ] {
            assert_eq!(encoded(value), expected);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_header_and_can_be_read_back(text in any::<String>()) {
            let encoded = encoded(&text);
            prop_assert!(HeaderValue::try_from(encoded.as_str()).is_ok());
            let read = url::form_urlencoded::parse(format!("x={}", encoded.replace('+', "%2B").replace('&', "%26")).as_bytes())
                .next()
                .map(|(_, value)| value.into_owned());
            prop_assert_eq!(read, Some(text));
        }
    }
}
