//! Which described operation a path means.

use url::form_urlencoded;

/// One operation's path, taken apart.
pub(super) struct Route {
    pub(super) method: String,
    pub(super) template: String,
    segments: Vec<Segment>,
}

enum Segment {
    Literal(String),
    /// Some parameters (branches, file paths) hold slashes.
    Parameter {
        name: String,
        spans: bool,
    },
}

/// The parameters in a path: name and decoded value.
pub(super) type Parameters = Vec<(String, String)>;

impl Route {
    /// `spans` says which parameters may hold slashes.
    pub(super) fn new(method: &str, template: &str, spans: impl Fn(&str) -> bool) -> Self {
        let segments = template
            .split('/')
            .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(name) => Segment::Parameter { name: name.to_owned(), spans: spans(name) },
                None => Segment::Literal(part.to_owned()),
            })
            .collect();
        Self { method: method.to_uppercase(), template: template.to_owned(), segments }
    }

    /// The parameters of `path`, if it is one of this route's.
    pub(super) fn parameters(&self, path: &str) -> Option<Parameters> {
        let path: Vec<&str> = path.split('/').collect();
        take_apart(&self.segments, &path)
    }

    /// `pulls/comments` is nearer than `pulls/{pull_number}`.
    pub(super) fn nearness(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count()
    }
}

fn take_apart(segments: &[Segment], path: &[&str]) -> Option<Parameters> {
    let Some((segment, segments)) = segments.split_first() else {
        return path.is_empty().then(Vec::new);
    };
    match segment {
        Segment::Literal(literal) => {
            let (first, path) = path.split_first()?;
            (first == literal).then(|| take_apart(segments, path)).flatten()
        }
        Segment::Parameter { name, spans } => {
            let longest = if *spans { path.len() } else { path.len().min(1) };
            (1..=longest).find_map(|length| {
                let value = decode(&path[..length].join("/"));
                let mut parameters = take_apart(segments, &path[length..])?;
                parameters.push((name.clone(), value));
                (!parameters.iter().any(|(_, value)| value.is_empty())).then_some(parameters)
            })
        }
    }
}

fn decode(segment: &str) -> String {
    // A `+` in a path is a plus; in a form it is a blank.
    let form = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[test]
fn a_parameter_that_spans_segments_gives_back_what_follows_it() {
    let route = Route::new("get", "/commits/{ref}/status", |_| true);
    let parameters = route.parameters("/commits/heads/feature%2Fa+b/status");
    assert_eq!(parameters, Some(vec![("ref".to_owned(), "heads/feature/a+b".to_owned())]));
    assert_eq!(route.parameters("/commits/status"), None);
    assert_eq!(route.parameters("/commits//status"), None);
}
