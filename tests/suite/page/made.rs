//! Pages to look at.

use std::fs;
use std::path::PathBuf;

use bivouac::commands::context::Context;
use bivouac::commands::page::Page;
use bivouac::domain::approval::Approval;
use bivouac::domain::record::Record;
use bivouac::env::Environment;
use bivouac::usecases::list::Listed;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::browser::address;
use crate::files::top;

/// What somebody may have put into an apps repository by hand.
pub(crate) const HOSTILE: [(&str, &str); 6] = [
    ("</script><script>document.title='owned'</script>", "javascript:document.title='owned'"),
    ("\"><img src=x onerror=\"document.title='owned'\">", "https://a.example/\"onmouseover=\"document.title='owned'"),
    ("</title></style><style>*{display:none}</style>", "data:text/html,<script>document.title='owned'</script>"),
    ("\u{202e}gpj.exe\u{2066}", "https://\u{202e}a.example"),
    ("{{constructor.constructor('document.title=1')()}}", "JaVaScRiPt\t:document.title='owned'"),
    ("a\u{0}b\u{1b}[31m\r\n::error::x", "//a.example/x"),
];

/// The time at which everything here is looked at.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// So many previews, oldest first.
pub(crate) fn previews(count: usize) -> Vec<Listed> {
    (0..count).map(|index| preview(&format!("pr-{}", index + 1), index, count)).collect()
}

fn preview(name: &str, index: usize, count: usize) -> Listed {
    let number = u32::try_from(index + 1).unwrap();
    // All different, and in no order.
    let digest = format!("{:08x}", number.wrapping_mul(2_654_435_761)).repeat(5);
    let age = SignedDuration::from_mins(i64::try_from((count - index) * 17).unwrap());
    let commit: bivouac::domain::names::CommitId = digest.parse().unwrap();
    let approval = (index % 9 == 0).then(|| Approval { commit: commit.clone(), by: "octocat".parse().unwrap() });
    Listed {
        name: name.to_owned(),
        overlay: format!("overlays/ephemeral/pr-{number}").parse().unwrap(),
        record: Record {
            repository: "acme/wildside".parse().unwrap(),
            number: number.to_string().parse().unwrap(),
            commit,
            generation: 1,
            created_at: now() - age,
            expires_at: (index % 3 != 0).then(|| now() + SignedDuration::from_hours(i64::from(number % 170))),
            approval,
            url: format!("https://pr-{number}.wildside.preview.example.com"),
        },
    }
}

/// Like [`previews`], with the hostile ones at their end.
pub(crate) fn hostile_previews(count: usize) -> Vec<Listed> {
    let mut previews = previews(count);
    for ((name, url), preview) in HOSTILE.iter().zip(previews.iter_mut().rev()) {
        (*name).clone_into(&mut preview.name);
        (*url).clone_into(&mut preview.record.url);
    }
    previews
}

/// The page of these previews.
pub(crate) fn page_of_previews(previews: &[Listed]) -> String {
    let context = Context::new(Environment::new(std::iter::empty()), now());
    Page::of_previews("wildside", previews, &context).html()
}

/// A page in a file of its own.
pub(crate) struct Written {
    folder: TempDir,
    name: &'static str,
}

impl Written {
    pub(crate) fn new(name: &'static str, text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        Self { folder, name }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    pub(crate) fn address(&self) -> String {
        address(&self.file())
    }
}

#[test]
fn a_page_is_one_file_of_html_that_names_no_address_but_those_of_its_rows() {
    let pages =
        [("previews-large", page_of_previews(&hostile_previews(2_000))), ("previews", page_of_previews(&previews(24)))];
    for (name, page) in pages {
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
        let around = page.split("<tbody>").next().unwrap();
        assert!(!around.contains("http:") && !around.contains("https:") && !around.contains("url("), "{around}");
        if let Some(folder) = std::env::var_os("BIVOUAC_WRITE_PAGES") {
            let folder = top().join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{name}.html")), page).unwrap();
        }
    }
}
