//! Pages to look at.

use std::fs;
use std::path::PathBuf;

use bivouac::commands::context::Context;
use bivouac::commands::page::{Page, chart};
use bivouac::domain::approval::Approval;
use bivouac::domain::history::{End, Filter, History, Life, Moment, Told};
use bivouac::domain::names::CommitId;
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
    let commit: CommitId = digest.parse().unwrap();
    let approval = index.is_multiple_of(9).then(|| Approval { commit: commit.clone(), by: "octocat".parse().unwrap() });
    Listed {
        name: name.to_owned(),
        overlay: format!("overlays/ephemeral/pr-{number}").parse().unwrap(),
        record: Record {
            repository: "acme/wildside".parse().unwrap(),
            number: number.to_string().parse().unwrap(),
            commit,
            generation: 1,
            created_at: now() - age,
            expires_at: (!index.is_multiple_of(3)).then(|| now() + SignedDuration::from_hours(i64::from(number % 170))),
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

/// So many lives, the latest first; the hostile texts are in the latest.
pub(crate) fn history(count: usize) -> History {
    let lives = (0..count).map(|index| life(index, HOSTILE.get(index).map(|(text, _)| *text)));
    History { lives: lives.collect(), commits: count * 3, odd: Vec::new() }
}

fn life(index: usize, hostile: Option<&str>) -> Life {
    let number = u32::try_from(index).unwrap();
    let digest: CommitId = format!("{:08x}", (number + 1).wrapping_mul(2_654_435_761)).repeat(5).parse().unwrap();
    let wave = i64::from(number.wrapping_mul(2_654_435_761) >> 24);
    let (count, holidays) = (i64::from(number), if number > 500 { 12 * 24 * 60 } else { 0 });
    let put_up_at = now() - SignedDuration::from_mins(count * 70 + count * count / 9 + wave / 8 + holidays);
    let moment = |change, at, reason: Option<&str>| Moment {
        change,
        at,
        apps_commit: digest.clone(),
        author: hostile.unwrap_or("Bivouac").to_owned(),
        commit: Some(digest.clone()),
        generation: Some(1),
        by: (index % 11 != 5 && hostile.is_none()).then(|| ["ada", "grace", "linus", "octocat"][index % 4].to_owned()),
        approved_by: None,
        run: Some(hostile.map_or_else(
            || format!("https://github.example.com/acme/wildside/actions/runs/{index}"),
            |_| HOSTILE[index].1.to_owned(),
        )),
        reason: hostile.or(reason).map(str::to_owned),
        pushed_at: (change == Told::PutUp).then(|| at - SignedDuration::from_secs(20 + wave / 4)),
    };
    let ended_at = put_up_at + SignedDuration::from_mins(40 + wave * wave / 4);
    let mut moments = vec![moment(Told::PutUp, put_up_at, None)];
    moments.extend((0..index % 4).map(|_| moment(Told::Updated, put_up_at, None)));
    let end = match index % 13 {
        12 => End::Unsaid,
        _ if ended_at > now() => End::StillUp { is_seen: true },
        _ => {
            moments.push(moment(Told::Removed, ended_at, Some(["merged", "closed", "merged", "expired"][index % 4])));
            End::Removed { at: ended_at }
        }
    };
    Life {
        application: None,
        preview: format!("pr-{}", 4_000 - index).parse().unwrap(),
        repository: "acme/wildside".parse().unwrap(),
        number: (4_000 - index).to_string().parse().unwrap(),
        moments,
        end,
        began_at: Some(put_up_at),
    }
}

/// The page of these lives.
pub(crate) fn page_of_lives(history: &History) -> String {
    let context = Context::new(Environment::new(std::iter::empty()), now());
    let statistics = history.statistics(&Filter::default());
    Page::of_lives("History of previews", history, &statistics, &context).html()
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
    let calm = History { lives: history(1_300).lives.split_off(HOSTILE.len()), ..History::default() };
    let chart = chart::alone(&calm.statistics(&Filter::default()), "History of previews");
    write("page-chart.svg", &chart);
    let pages = [
        ("large-previews", page_of_previews(&hostile_previews(2_000))),
        ("large-history", page_of_lives(&history(2_000))),
        ("page-previews", page_of_previews(&previews(16))),
        ("page-history", page_of_lives(&calm)),
    ];
    for (name, page) in pages {
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
        let around = page.split("<tbody").next().unwrap();
        assert!(!around.contains("http:") && !around.contains("https:") && !around.contains("url("), "{around}");
        write(&format!("{name}.html"), &page);
    }
}

/// Puts a file where its picture is taken, if one is to be taken.
fn write(name: &str, text: &str) {
    if let Some(folder) = std::env::var_os("BIVOUAC_WRITE_PAGES") {
        let folder = top().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }
}
