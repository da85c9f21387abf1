//! The page of 2,000 previews.

use serde_json::json;

use super::browser::Browser;
use super::made::{HOSTILE, Written, hostile_previews, page_of_previews, previews};

const ROWS: &str = "[...document.querySelectorAll('tbody tr')]";
const NAMES: &str = "[...document.querySelectorAll('tbody tr:not([hidden]) th')].map(cell => cell.textContent)";
const SHOWN: &str = "document.querySelector('[role=status]').textContent";

fn page() -> Written {
    Written::new("previews.html", &page_of_previews(&hostile_previews(2_000)))
}

#[test]
fn a_page_with_hostile_names_asks_for_nothing_runs_nothing_of_theirs_and_complains_of_nothing() {
    let page = page();
    let mut browser = Browser::show(&page.address());
    assert_eq!(browser.complaints(), Vec::<String>::new());
    assert_eq!(browser.text("document.title"), "Previews of wildside");
    assert_eq!(browser.evaluate("document.querySelectorAll('script, style, img, iframe').length"), 2);
    let links = browser.evaluate("[...document.links].map(link => link.protocol).filter(it => !/^https?:$/.test(it))");
    assert_eq!(links, json!(["file:"]), "all but the one to the table");
    let targets =
        browser.evaluate("[...document.querySelectorAll('td a')].every(link => link.rel === 'noreferrer noopener')");
    assert_eq!(targets, true);
    let names = browser.evaluate(&format!("{ROWS}.slice(-6).map(row => row.cells[0].textContent)"));
    assert_eq!(names[5], HOSTILE[0].0);
    assert_eq!(names[2], "gpj.exe");
}

#[test]
fn typing_filters_the_rows_by_all_words_and_says_how_many_are_left() {
    let page = page();
    let mut browser = Browser::show(&page.address());
    assert_eq!(browser.text(SHOWN), "2,000 rows");
    browser.press("/");
    assert_eq!(browser.text("document.activeElement.id"), "search");
    browser.enter("PR-19 wildside#190");
    assert_eq!(browser.text(SHOWN), "11 of 2,000 rows");
    assert_eq!(browser.evaluate(&format!("{NAMES}.slice(0, 2)")), json!(["pr-190", "pr-1900"]));
    browser.press("Escape");
    assert_eq!(browser.text(SHOWN), "2,000 rows");
    assert_eq!(browser.evaluate(&format!("{NAMES}.length")), 2_000);
    assert_eq!(browser.text("document.querySelector('#search').value"), "");
}

#[test]
fn the_keyboard_sorts_by_a_column_and_turns_the_order_round() {
    let page = Written::new("previews.html", &page_of_previews(&previews(120)));
    let mut browser = Browser::show(&page.address());
    let order = "document.activeElement.parentNode.ariaSort";
    for _ in 0..30 {
        browser.press("Tab");
        if browser.text("document.activeElement.textContent") == "Preview" {
            break;
        }
    }
    browser.press("Enter");
    assert_eq!(browser.text(order), "ascending");
    assert_eq!(browser.evaluate(&format!("{NAMES}.slice(8, 11)")), json!(["pr-9", "pr-10", "pr-11"]));
    browser.press("Enter");
    assert_eq!(browser.text(order), "descending");
    assert_eq!(browser.evaluate(&format!("{NAMES}.slice(0, 2)")), json!(["pr-120", "pr-119"]));
    for _ in 0..4 {
        browser.press("Tab");
    }
    assert_eq!(browser.text("document.activeElement.textContent"), "Age");
    browser.press("Enter");
    assert_eq!(browser.evaluate(&format!("{NAMES}.slice(0, 2)")), json!(["pr-120", "pr-119"]));
    assert_eq!(browser.evaluate("document.querySelectorAll('[aria-sort]').length"), 1);
}

#[test]
fn a_link_shows_what_was_searched_and_how_it_was_sorted() {
    let page = page();
    let mut browser = Browser::show(&page.address());
    browser.evaluate("document.querySelector('[data-name=commit] button').click()");
    browser.press("/");
    browser.enter("octocat pr-19");
    browser.evaluate("new Promise(done => { const look = () => location.hash.includes('19&') ? done() : setTimeout(look, 20); look() })");
    let (hash, names) = (browser.text("location.hash"), browser.evaluate(NAMES));
    assert_eq!(hash, "#search=octocat+pr-19&sort=commit");

    let mut other = Browser::show(&format!("{}{hash}", page.address()));
    assert_eq!((other.evaluate(NAMES), other.text(SHOWN)), (names, browser.text(SHOWN)));
    assert_eq!(other.text("document.querySelector('[data-name=commit]').ariaSort"), "ascending");
    other.evaluate("location.hash = ''; new Promise(done => setTimeout(done))");
    assert_eq!(other.text(SHOWN), "2,000 rows");
    assert_eq!(other.text(&format!("{NAMES}[0]")), "pr-1");
}

#[test]
fn without_scripts_all_is_there_and_nothing_is_shown_that_would_not_work() {
    let page = page();
    let mut browser = Browser::start();
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.go_to(&page.address());
    let visible = "[...document.querySelectorAll('tbody tr, input, button')].filter(it => it.checkVisibility()).length";
    assert_eq!(browser.evaluate(visible), 2_000);
    assert_eq!(browser.text("document.querySelector('[aria-sort]').textContent"), "Put up");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn two_thousand_rows_load_search_and_sort_at_once() {
    let page = page();
    let mut browser = Browser::show(&page.address());
    let loaded = browser.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd");
    let measured = |work: &str| {
        format!(
            "(() => {{ const times = []; for (let turn = 0; turn < 7; turn++) {{ const start = performance.now(); {work};
             document.body.offsetHeight; times.push(performance.now() - start) }} return times.sort((a, b) => a - b)[1] }})()"
        )
    };
    let searched = browser.evaluate(&measured(
        "const box = document.querySelector('#search'); box.value = turn % 2 ? '' : 'pr-1'; box.dispatchEvent(new Event('input'))",
    ));
    let sorted = browser.evaluate(&measured("document.querySelector('[data-name=preview] button').click()"));
    println!("loaded in {loaded} ms, searched in {searched} ms, sorted in {sorted} ms");
    // What it takes by itself is a tenth of that; other tests run beside this one.
    assert!(loaded.as_f64().unwrap() < 10_000.0, "{loaded}");
    assert!(searched.as_f64().unwrap() < 500.0, "{searched}");
    assert!(sorted.as_f64().unwrap() < 2_000.0, "{sorted}");
}
