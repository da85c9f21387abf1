//! `secrets`: what previews take from Vault.

use super::{but, parse, refusal, with};
use crate::domain::configuration::{PreviewSecret, StoreKind};

/// What the tests write where a value must not stand, and no message may say.
const HUSH: &str = "hush-7f3a9c";

fn secrets(secrets: &str) -> Vec<PreviewSecret> {
    let text = with(&format!("secrets: {secrets}"));
    parse(&text).unwrap_or_else(|error| panic!("{error}: {secrets}")).document().secrets.clone()
}

fn refused(secrets: &str) -> String {
    refusal(&with(&format!("secrets: {secrets}")))
}

/// One entry with the keys that there have to be, and more.
fn entry(more: &str) -> String {
    format!("[{{name: a, store: s, path: previews/wildside{more}}}]")
}

#[test]
fn what_is_not_said_has_a_default() {
    let found = &secrets("[{name: wildside, store: wildside-previews, path: previews/wildside}]")[0];
    assert_eq!((found.name.as_str(), found.store.as_str()), ("wildside", "wildside-previews"));
    assert_eq!((found.kind, found.path.as_str()), (StoreKind::ClusterSecretStore, "previews/wildside"));
    assert!(found.keys.is_empty() && found.template.is_empty());
    assert_eq!(found.refresh.0.as_secs(), 3600);
    assert!(secrets("[]").is_empty() && secrets("").is_empty());
}

#[test]
fn secrets_are_written_so_that_they_read_back() {
    let found = secrets(
        "[{name: a.b, store: s, kind: SecretStore, path: x, keys: [A, b-c], template: {URL: \"{{ .A }}\"}, refresh: 90m}, \
         {name: b, store: s, path: previews/wildside/backend}]",
    );
    let written = serde_json::to_string(&found).unwrap();
    assert_eq!(secrets(&written), found, "{written}");
}

#[test]
fn several_secrets_may_have_their_values_from_one_place() {
    let found = secrets(
        "[{name: a, store: s, path: previews/wildside, keys: [A]}, {name: b, store: s, path: previews/wildside}]",
    );
    assert_eq!(found[0].path, found[1].path);
}

#[test]
fn an_entry_that_makes_no_sense_is_refused_where_it_stands() {
    insta::assert_snapshot!(refused("[{name: a, store: s, path: x}, {name: a, store: t, path: z}]"), @"`bivouac.yaml` line 7, column 48: two Secrets have this name: give each its own");
    insta::assert_snapshot!(refused(&entry(", keys: [A, B, A]")), @"`bivouac.yaml` line 7, column 69: `A` stands here twice: name each key once");
    insta::assert_snapshot!(refused(&entry(", keys: [A, B], template: {B: \"{{ .A }}\"}")), @"`bivouac.yaml` line 7, column 66: `B` stands in `keys` and in `template`: leave it out of one");
    insta::assert_snapshot!(refused(&entry(", keys: [a/b]")), @"`bivouac.yaml` line 7, column 63: this is not a key of a Secret: use letters, digits, `-`, `_` and `.`");
    insta::assert_snapshot!(refused(&entry(", kind: Store")), @"`bivouac.yaml` line 7, column 62: this is none of the choices: use `ClusterSecretStore` or `SecretStore`");
    insta::assert_snapshot!(refused(&entry(", refresh: 1s")), @"`bivouac.yaml` line 7, column 65: this is not a length of time: use a whole number and m, h, d or w, such as `12h` or `7d`");
    insta::assert_snapshot!(refused(&entry(", refresh: 366d")), @"`bivouac.yaml` line 7, column 65: the store would be asked too rarely: use at most `365d`");
    insta::assert_snapshot!(refused("[{name: A, store: s, path: x}]"), @"`bivouac.yaml` line 7, column 18: this is not the name of a Secret or a store: use a-z, 0-9, `-` and `.`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refused("[{name: a, store: s/t, path: x}]"), @"`bivouac.yaml` line 7, column 28: this is not the name of a Secret or a store: use a-z, 0-9, `-` and `.`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refused("[{name: a, store: s, path: /x}]"), @"`bivouac.yaml` line 7, column 37: this is not a path of secrets: use letters, digits, `-`, `_` and `.`, with `/` between names and none at either end");
    insta::assert_snapshot!(refused("[{name: a, store: s}]"), @"`bivouac.yaml` line 7, column 11: the key `path` is missing");
    insta::assert_snapshot!(refused(&entry(", keyz: [A]")), @"`bivouac.yaml` line 7, column 56: there is no key `keyz` here: did you mean `keys`?");
    assert_eq!(secrets(&entry(", refresh: 365d")).len(), 1);
}

#[test]
fn a_key_as_external_secrets_has_it_is_told_as_it_is_called_here() {
    for (key, meant) in [
        ("refreshInterval: 15m", "`refresh`?"),
        ("secretStoreRef: {name: vault}", "`store`?"),
        ("key: A", "`path` or `keys`?"),
    ] {
        let told = refused(&entry(&format!(", {key}")));
        assert!(told.ends_with(&format!("did you mean {meant}")), "{key}: {told}");
    }
    insta::assert_snapshot!(refused(&entry(", refresh: 15")), @"`bivouac.yaml` line 7, column 65: this is not a length of time: use a whole number and m, h, d or w, such as `15m` or `1h`");
}

#[test]
fn a_path_that_would_be_a_previews_own_is_refused() {
    insta::assert_snapshot!(refused("[{name: a, store: s, path: previews/wildside/pr-8}]"), @"`bivouac.yaml` line 7, column 37: `pr-8` is what a preview would be called, so that these would be its own values: name the path that all of them share, such as `previews/wildside`");
    for path in ["pr-1", "previews/pr-7/wildside", "previews/pr-2147483647", "a/b/pr-10"] {
        let told = refused(&format!("[{{name: a, store: s, path: {path}}}]"));
        assert!(told.contains("is what a preview would be called"), "{path}: {told}");
    }
    for path in ["previews/pr", "previews/pr-0", "previews/pr-07", "previews/pr-7a", "a/xpr-7", "a/pr-2147483648", "7"]
    {
        assert_eq!(secrets(&format!("[{{name: a, store: s, path: \"{path}\"}}]")).len(), 1, "{path}");
    }
}

#[test]
fn a_path_with_the_mount_and_a_word_of_the_api_in_front_is_refused() {
    insta::assert_snapshot!(refused("[{name: a, store: s, path: secret/data/previews/wildside}]"), @"`bivouac.yaml` line 7, column 37: a path begins below the mount, without `data`: write it as `previews/wildside`");
    insta::assert_snapshot!(refused("[{name: a, store: s, path: kv/metadata}]"), @"`bivouac.yaml` line 7, column 37: a path begins below the mount, without `metadata`: write it as `previews/wildside`");
    for path in ["previews/data", "previews/wildside/data", "data", "shop/database"] {
        assert_eq!(secrets(&format!("[{{name: a, store: s, path: {path}}}]")).len(), 1, "{path}");
    }
}

#[test]
fn what_a_preview_is_called_is_what_the_configuration_says() {
    let named = |template: &str, path: &str| {
        let secrets = format!("secrets: [{{name: a, store: s, path: \"{path}\"}}]");
        parse(&with(&format!("preview: {{name: \"{template}\"}}\n{secrets}"))).map(drop).map_err(|why| why.to_string())
    };
    for (template, path, is_fine) in [
        ("{application}-{number}", "previews/wildside", true),
        ("{application}-{number}", "previews/wildside-12", false),
        ("{application}-{number}", "previews/other-12", true),
        ("{number}", "previews/2026", false),
        ("{number}-of-{number}", "previews/12-of-12", false),
        ("{number}-of-{number}", "previews/12-of-13", true),
        ("{number}0", "previews/10", false),
        ("{number}0", "previews/0", true),
        ("x{number}y", "previews/pr-7", true),
    ] {
        assert_eq!(named(template, path).is_ok(), is_fine, "{template}: {path}");
    }
}

#[test]
fn a_template_that_takes_nothing_from_the_store_is_refused_without_being_told() {
    let told = refused(&entry(&format!(", template: {{PASSWORD: {HUSH}}}")));
    assert!(!told.contains(HUSH), "{told}");
    insta::assert_snapshot!(told, @"`bivouac.yaml` line 7, column 77: the template of `PASSWORD` takes nothing from the store, and whoever reads this file would have it as it stands: put the value into the store, and refer to it, such as by `{{ .password }}`");
    insta::assert_snapshot!(refused(&entry(", template: {A: \"{{ .a }}\", B: \"{ .b }\"}")), @"`bivouac.yaml` line 7, column 85: the template of `B` takes nothing from the store, and whoever reads this file would have it as it stands: put the value into the store, and refer to it, such as by `{{ .password }}`");
}

#[test]
fn a_template_whose_braces_do_not_close_is_refused_without_being_told() {
    let told = |template: &str| {
        let template = serde_json::to_string(template).unwrap();
        refused(&entry(&format!(", template: {{A: \"{{{{ .a }}}}\", URL: {template}}}")))
    };
    insta::assert_snapshot!(told(&format!("{HUSH}{{{{ .A")), @"`bivouac.yaml` line 7, column 87: the template of `URL` can not be read: braces or quotation marks that open in it do not close; write it such as `{{ .password }}`");
    for template in ["{{ .A }", "{{ .A }} {{", "{{ \"}}\" ", "{{ `}}` }", "{{ \"a\\\"}} ", "{{/* .A }}", "{{- /* }} */"]
    {
        let told = told(&format!("{HUSH}{template}"));
        assert!(told.contains("do not close") && !told.contains(HUSH), "{template}: {told}");
    }
    for template in [
        "{{ .A }}",
        "}} {{ .A }}",
        "{{ \"}}\" }}{{.A}}",
        "{{ `\\` }}",
        "{{ .A }}}",
        "{{- /* \" */ -}}{{ .A }}",
        "{ {{ .A }} }",
    ] {
        let template = serde_json::to_string(template).unwrap();
        assert_eq!(secrets(&entry(&format!(", template: {{URL: {template}}}"))).len(), 1, "{template}");
    }
}

#[test]
fn a_value_that_somebody_writes_into_secrets_is_refused_without_being_told() {
    for wrong in [
        HUSH.to_owned(),
        format!("[{HUSH}]"),
        format!("{{password: {HUSH}}}"),
        format!("[{{name: a, value: {HUSH}}}]"),
        format!("[{{name: a, store: s, path: x, password: {HUSH}}}]"),
        format!("[{{name: \"{HUSH}!\", store: s, path: x}}]"),
        format!("[{{name: a, store: \"{HUSH}!\", path: x}}]"),
        format!("[{{name: a, store: s, path: \"{HUSH}!\"}}]"),
        format!("[{{name: a, store: s, path: [{HUSH}]}}]"),
        format!("[{{name: a, store: s, kind: {HUSH}, path: x}}]"),
        entry(&format!(", keys: {HUSH}")),
        entry(&format!(", keys: [\"{HUSH}!\"]")),
        entry(&format!(", keys: [{{A: {HUSH}}}]")),
        entry(&format!(", template: {HUSH}")),
        entry(&format!(", template: {{A: [{HUSH}]}}")),
        entry(&format!(", template: {{A: {{B: {HUSH}}}}}")),
        entry(&format!(", refresh: {HUSH}")),
        entry(&format!(", refresh: \"{HUSH}` is not b` is not a length\"")),
    ] {
        let told = refused(&wrong);
        assert!(!told.contains(HUSH) && told.starts_with("`bivouac.yaml` line 7, column "), "{wrong}: {told}");
    }
    let number = refused(&entry(", template: {PIN: 4711}"));
    assert!(!number.contains("4711"), "{number}");
    insta::assert_snapshot!(refused(&format!("[{{name: a, value: {HUSH}}}]")), @"`bivouac.yaml` line 7, column 21: there is no key `value` here: values stand in the store alone, where `bivouac secrets put` brings them, since whoever reads this file would have them; use `name`, `store`, `kind`, `path`, `keys`, `template`, `refresh`");
    insta::assert_snapshot!(refused(HUSH), @"`bivouac.yaml` line 7, column 10: this is not a list: write it as `[…]`");
    insta::assert_snapshot!(refused(&entry(&format!(", refresh: {HUSH}"))), @"`bivouac.yaml` line 7, column 65: this is not a length of time: use a whole number and m, h, d or w, such as `12h` or `7d`");
}

#[test]
fn elsewhere_a_wrong_value_is_told() {
    let told = refusal(&but("application: wildside", "application: [x]"));
    assert!(told.contains("a list stands where a text belongs"), "{told}");
    assert!(refusal(&with("notify: loud")).contains("`loud` is not a list"));
}
