//! The files of a preview, and each sentence of "The overlay is closed".

mod closed;
mod secrets;

use indoc::indoc;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle};

use super::*;
use crate::domain::approval::Approval;
use crate::domain::base::{Names, Object, Source, Sources};

const CONFIGURATION: &str = indoc! {"
    version: 1
    application: wildside
    repository: acme/wildside
    domain: preview.example.com
    images:
      backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}
      frontend: {repository: ghcr.io/acme/wildside-frontend, values: frontend.image}
    ingress: {host: ingress.hostname}
"};

const RELEASE: &str = indoc! {"
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: wildside}
    spec:
      chart: {spec: {chart: wildside, sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}}}
"};

const COMMIT: &str = "5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a";

/// What a preview is made from: the start of every test here.
struct Kitchen {
    file: &'static str,
    configuration: String,
    /// Path, text, and the namespace of the kustomizations above.
    base: Vec<(&'static str, String, Option<&'static str>)>,
    generated: Vec<Object>,
    expires_at: Option<&'static str>,
    /// Whether its pull request comes from a fork.
    is_forks: bool,
}

impl Kitchen {
    fn new() -> Self {
        Self::of(RELEASE)
    }

    fn of(release: &str) -> Self {
        Self {
            file: "bivouac.yaml",
            configuration: CONFIGURATION.to_owned(),
            base: vec![("base/helmrelease.yaml", release.to_owned(), None)],
            generated: Vec::new(),
            expires_at: None,
            is_forks: false,
        }
    }

    /// A base whose `HelmRelease` has this specification, as YAML in braces, and no namespace.
    fn specified(spec: &str) -> Self {
        Self::of(&format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: wildside}}\nspec: {spec}\n"
        ))
    }

    fn configured(mut self, more: &str) -> Self {
        self.configuration.push_str(more);
        self
    }

    fn beside(mut self, text: &str) -> Self {
        self.base.push(("base/more.yaml", text.to_owned(), None));
        self
    }

    /// The kustomizations above state a namespace.
    fn within(mut self, namespace: &'static str) -> Self {
        for (_, _, above) in &mut self.base {
            *above = Some(namespace);
        }
        self
    }

    fn render(&self) -> Result<Overlay, OverlayError> {
        let configuration = Configuration::parse(self.file.parse().unwrap(), &self.configuration).unwrap();
        let source = |(path, text, namespace): &(&str, String, Option<&str>)| Source {
            path: path.parse().unwrap(),
            text: text.clone(),
            namespace: namespace.map(str::to_owned),
            ..Source::default()
        };
        let files = self.base.iter().map(source).collect();
        let sources = Sources { files, generated: self.generated.clone(), ..Sources::default() };
        let base = Base::find(&"base".parse().unwrap(), &sources).unwrap();
        let identity = configuration.identity("123".parse().unwrap()).unwrap();
        let tags = configuration.tags(&BTreeMap::new(), &COMMIT.parse().unwrap()).unwrap();
        let record = Record {
            repository: "acme/wildside".parse().unwrap(),
            number: identity.number,
            commit: COMMIT.parse().unwrap(),
            generation: 3,
            created_at: "2026-11-21T10:00:00Z".parse().unwrap(),
            expires_at: self.expires_at.map(|time| time.parse().unwrap()),
            approval: self.is_forks.then(|| Approval { commit: COMMIT.parse().unwrap(), by: "ada".parse().unwrap() }),
            url: identity.url(),
        };
        let ingredients = Ingredients { configuration: &configuration, base: &base, identity: &identity, tags: &tags };
        ingredients.render(&record)
    }

    fn file(&self, name: &str) -> Value {
        let overlay = self.render().unwrap_or_else(|error| panic!("{error}"));
        yaml::parse(&overlay.files[name]).unwrap()
    }

    /// What the patch says beside the values.
    fn spec(&self) -> Value {
        let mut spec = self.file(PATCH)["spec"].clone();
        spec.as_object_mut().unwrap().remove("values");
        spec
    }

    fn refusal(&self) -> String {
        match self.render() {
            Ok(overlay) => panic!("this was accepted:\n{}", overlay.files[PATCH]),
            Err(error) => error.to_string(),
        }
    }
}

fn parsed(text: &str) -> Value {
    yaml::parse(text).unwrap()
}

#[test]
fn the_kustomization_is_the_one_of_the_design() {
    let expected = parsed(indoc! {r#"
        # Written by Bivouac for pull request 123. Changes made here are lost at the next push.
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: "wildside-pr-123"
        resources:
          - namespace.yaml
          - ../../../base
        patches:
          - path: patch-helmrelease-values.yaml
            target:                                        # without it a base that states a namespace is not matched
              group: helm.toolkit.fluxcd.io
              kind: HelmRelease
              name: "wildside"
    "#});
    assert_eq!(Kitchen::new().file(KUSTOMIZATION), expected);
}

#[test]
fn the_patch_is_the_one_of_the_design() {
    let expected = indoc! {r#"
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata:
          name: "wildside"                                 # read from base, not configured
          annotations:
            bivouac.dev/application-repository: "acme/wildside"
            bivouac.dev/pull-request: "123"
            bivouac.dev/commit: "5f2c…"                    # the pull request's head, never the merge commit
            bivouac.dev/generation: "3"                    # counts up with every change, over removals too
            bivouac.dev/created-at: "2026-11-21T10:00:00Z" # kept by later pushes
            bivouac.dev/expires-at: "2026-11-28T10:00:00Z" # only with a ttl: last push + ttl; later pushes never shorten it
            event.toolkit.fluxcd.io/change_request: "123"  # lets Flux report on the pull request by itself
            event.toolkit.fluxcd.io/commit: "5f2c…"
            event.toolkit.fluxcd.io/preview-url: "https://pr-123.preview.example.com"
        spec:
          values:
            backend:
              image: {repository: "ghcr.io/acme/wildside-backend", tag: "5f2c…"}
            frontend:
              image: {repository: "ghcr.io/acme/wildside-frontend", tag: "5f2c…"}
            ingress:
              hostname: "pr-123.preview.example.com"
    "#};
    let mut kitchen = Kitchen::new();
    kitchen.expires_at = Some("2026-11-28T10:00:00Z");
    assert_eq!(kitchen.file(PATCH), parsed(&expected.replace("5f2c…", COMMIT)));
}

#[test]
fn without_an_end_there_is_no_annotation_of_one() {
    let patch = Kitchen::new().file(PATCH);
    assert_eq!(patch["metadata"]["annotations"].get("bivouac.dev/expires-at"), None);
}

#[test]
fn the_namespace_has_the_labels_of_the_design() {
    let expected = parsed(indoc! {r#"
        apiVersion: v1
        kind: Namespace
        metadata:
          name: "wildside-pr-123"
          labels:
            app.kubernetes.io/managed-by: "bivouac"
            bivouac.dev/application: "wildside"
            bivouac.dev/pull-request: "123"
    "#});
    assert_eq!(Kitchen::new().file(NAMESPACE), expected);
}

#[test]
fn every_file_says_who_wrote_it_and_that_changes_are_lost() {
    let comment = "# Written by Bivouac for pull request 123. Changes made here are lost at the next push.\n";
    for (name, text) in Kitchen::new().render().unwrap().files {
        assert!(text.starts_with(comment), "{name}:\n{text}");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name}:\n{text}");
    }
}

/// The scalars of a text that are neither keys nor double-quoted.
fn unquoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // For every open collection: whether it is a map, and whether a key comes next.
    let mut open: Vec<(bool, bool)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.unwrap();
        let is_key = open.last().is_some_and(|(is_map, key_next)| *is_map && *key_next);
        let is_node =
            matches!(event, Event::Scalar(..) | Event::Alias(..) | Event::MappingStart(..) | Event::SequenceStart(..));
        if let Some((_, key_next)) = open.last_mut().filter(|_| is_node) {
            *key_next = !*key_next;
        }
        match event {
            Event::Scalar(text, style, ..) if !is_key && style != ScalarStyle::DoubleQuoted => {
                found.push(text.into_owned());
            }
            Event::MappingStart(..) => open.push((true, true)),
            Event::SequenceStart(..) => open.push((false, false)),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_string_that_is_written_is_double_quoted() {
    let more = indoc! {r#"
        values:
          plain: text
          number: 7
          list: [a, "1234567e89", "yes", {b: "null", c: "~"}, 1.5, true, null]
          long: |
            several
            lines: of text
    "#};
    let kitchen = Kitchen::new().configured(more);
    let overlay = kitchen.render().unwrap();
    for (name, text) in &overlay.files {
        let others: &[&str] = if *name == PATCH { &["7", "1.5", "true", "null"] } else { &[] };
        assert_eq!(unquoted(text), others, "{name}:\n{text}");
    }
    let values = &kitchen.file(PATCH)["spec"]["values"];
    assert_eq!(values["list"], json!(["a", "1234567e89", "yes", {"b": "null", "c": "~"}, 1.5, true, null]));
    assert_eq!(values["long"], "several\nlines: of text\n");
}

#[test]
fn a_root_that_is_not_the_top_refers_to_its_own_base() {
    let mut kitchen = Kitchen::new().configured("preview: {components: [components/quota]}\n");
    kitchen.file = "apps/wildside/bivouac.yaml";
    let kustomization = kitchen.file(KUSTOMIZATION);
    assert_eq!(kustomization["resources"], json!(["namespace.yaml", "../../../base"]));
    assert_eq!(kustomization["components"], json!(["../../../components/quota"]));
}

#[test]
fn the_release_is_called_what_base_calls_it() {
    let kitchen = Kitchen::of(&RELEASE.replace("name: wildside", "name: web").replace("/v2", "/v2beta2"));
    assert_eq!(kitchen.file(PATCH)["metadata"]["name"], "web");
    assert_eq!(kitchen.file(PATCH)["apiVersion"], "helm.toolkit.fluxcd.io/v2beta2");
    assert_eq!(kitchen.file(KUSTOMIZATION)["patches"][0]["target"]["name"], "web");
}
