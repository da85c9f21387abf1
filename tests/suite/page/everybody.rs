//! Whoever reads a page, and on whatever: by ear, by keyboard, in the dark, on a phone.

use std::fs;
use std::process::Command;

use bivouac::commands::page::chart;
use bivouac::domain::history::Filter;
use serde_json::{Value, json};

use super::browser::Browser;
use super::made::{Written, history, hostile_previews, page_of_lives, page_of_previews};
use crate::world::tools;

/// Less than this of text against its ground is hard to read: <https://www.w3.org/TR/WCAG22/#contrast-minimum>
const CONTRAST: f64 = 4.5;
/// The worst contrast of a text against what is behind it, with the text.
const WORST: &str = r"(() => {
    const parts = colour => colour.match(/[\d.]+/g).map(Number);
    const linear = part => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
    const light = colour => { const [r, g, b] = parts(colour).map(linear); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
    const ground = element => {
        for (let it = element; it; it = it.parentElement) {
            const colour = getComputedStyle(it).backgroundColor;
            if (parts(colour)[3] !== 0) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    let worst = [21, ''];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility() || ['title', 'desc', 'style'].includes(element.localName)) continue;
        const style = getComputedStyle(element);
        const both = [light(element.closest('svg') ? style.fill : style.color), light(ground(element))].sort((a, b) => b - a);
        const contrast = (both[0] + 0.05) / (both[1] + 0.05);
        if (contrast < worst[0]) worst = [contrast, walker.currentNode.data];
    }
    return worst;
})()";
/// What sticks out of the window, except in the table, which scrolls by itself.
const STICKS_OUT: &str = r"[...document.querySelectorAll('body *')]
    .filter(it => it.checkVisibility() && !it.closest('table, svg, .skip'))
    .filter(it => it.getBoundingClientRect().right > innerWidth + 0.5 || it.getBoundingClientRect().left < -0.5)
    .map(it => it.outerHTML.slice(0, 80))";

/// Both pages, each with hostile texts in it.
fn pages() -> [Written; 2] {
    let previews = page_of_previews(&hostile_previews(40));
    [Written::new("previews.html", &previews), Written::new("history.html", &page_of_lives(&history(60)))]
}

#[test]
fn all_text_is_easy_to_read_in_the_light_and_in_the_dark() {
    for page in pages() {
        let mut browser = Browser::start();
        for scheme in ["light", "dark"] {
            for width in [1_280, 360] {
                browser.look(scheme, width);
                browser.go_to(&page.address());
                let worst = browser.evaluate(WORST);
                assert!(worst[0].as_f64().unwrap() >= CONTRAST, "{scheme} {width}: {worst}");
            }
            let ground = browser.text("getComputedStyle(document.body).backgroundColor");
            assert_eq!(ground == "rgb(255, 255, 255)", scheme == "light", "{ground}");
        }
    }
}

#[test]
fn on_a_phone_nothing_sticks_out_and_the_table_scrolls_by_itself() {
    for page in pages() {
        let mut browser = Browser::start();
        browser.look("light", 360);
        browser.go_to(&page.address());
        assert_eq!(browser.evaluate(STICKS_OUT), json!([]));
        assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), 360);
        browser.evaluate("document.querySelector('.region').focus()");
        assert_eq!(browser.text("document.activeElement.className"), "region");
        assert_eq!(browser.evaluate("document.querySelector('.region').scrollWidth > 500"), true);
        browser.look("light", 1_600);
        assert_eq!(browser.text("getComputedStyle(document.querySelector('.region')).overflowX"), "visible");
        assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), 1_600);
        assert_eq!(browser.evaluate(STICKS_OUT), json!([]));
    }
}

#[test]
fn axe_finds_nothing_that_keeps_anybody_out() {
    let axe = fs::read_to_string(tools().join("axe/axe.min.js")).unwrap();
    for page in pages() {
        let mut browser = Browser::start();
        for (scheme, width) in [("light", 1_280), ("dark", 1_280), ("light", 360)] {
            browser.look(scheme, width);
            browser.go_to(&page.address());
            browser.evaluate(&format!("{axe}; 0"));
            let found = browser.evaluate(
                "axe.run({resultTypes: ['violations']}).then(found => ({rules: found.passes.length, violations: found.violations.map(
                    it => [it.id, it.help, it.nodes.slice(0, 3).map(node => node.html.slice(0, 200))])}))",
            );
            assert_eq!(found["violations"], json!([]), "{scheme} {width}");
            assert!(found["rules"].as_u64().unwrap() > 20, "{found}");
        }
    }
}

#[test]
fn the_chart_alone_is_easy_to_read_in_the_light_and_in_the_dark() {
    let statistics = history(400).statistics(&Filter::default());
    let picture = Written::new("chart.svg", &chart::alone(&statistics, "History of <previews>"));
    let worst = WORST.replace("document.body", "document.documentElement").replace("ground(element)", "paper");
    let worst = format!(
        "(() => {{ const paper = getComputedStyle(document.querySelector('.ground')).fill; return {worst} }})()"
    );
    let mut browser = Browser::start();
    let mut papers = Vec::new();
    for scheme in ["light", "dark"] {
        browser.look(scheme, 960);
        browser.go_to(&picture.address());
        let worst = browser.evaluate(&worst);
        assert!((CONTRAST..21.0).contains(&worst[0].as_f64().unwrap()), "{scheme}: {worst}");
        papers.push(browser.text("getComputedStyle(document.querySelector('.ground')).fill"));
        let outside = "[...document.querySelectorAll('text')].filter(it => { const box = it.getBoundingClientRect();
            return box.left < 0 || box.right > 960 || box.bottom > 272 }).map(it => it.textContent)";
        assert_eq!(browser.evaluate(outside), json!([]));
    }
    assert_ne!(papers[0], papers[1]);
    let tree = browser.call("Accessibility.getFullAXTree", &json!({}));
    assert_eq!(named(&tree, "image"), ["History of <previews>"]);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// What of a role is in the tree that a screen reader reads, by name.
fn named<'a>(tree: &'a Value, role: &str) -> Vec<&'a str> {
    let nodes = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false);
    let of_role = nodes.filter(|node| node["role"]["value"] == role);
    of_role.map(|node| node["name"]["value"].as_str().unwrap_or_default()).collect()
}

#[test]
fn a_screen_reader_finds_a_table_with_named_columns_and_a_search_box() {
    let [previews, history] = pages();
    for (page, rows, first, figures) in [(previews, 40, "Preview", 0), (history, 60, "Preview", 1)] {
        let mut browser = Browser::show(&page.address());
        let tree = browser.call("Accessibility.getFullAXTree", &json!({}));
        assert_eq!(named(&tree, "table").len(), 1);
        assert!(named(&tree, "table")[0].starts_with("Each "), "{:?}", named(&tree, "table"));
        assert_eq!(named(&tree, "row").len(), rows + 1, "with the headers");
        assert_eq!(named(&tree, "rowheader").len(), rows);
        let headers = named(&tree, "columnheader");
        assert!(
            headers.len() >= 7 && headers[0] == first && headers.iter().all(|name| !name.is_empty()),
            "{headers:?}"
        );
        assert_eq!(named(&tree, "searchbox"), ["Search"]);
        assert_eq!(named(&tree, "status").len(), 1);
        for landmark in ["banner", "main", "search", "contentinfo"] {
            assert_eq!(named(&tree, landmark).len(), 1, "{landmark}");
        }
        assert_eq!(named(&tree, "image").len(), figures, "the chart, once, whatever the width");
        assert!(named(&tree, "image").iter().all(|name| name.starts_with("Bars of the previews")));
        assert_eq!(named(&tree, "heading").len(), 1);
    }
}

#[test]
fn a_screen_reader_finds_all_rows_again_when_a_search_is_over() {
    let page = Written::new("previews.html", &page_of_previews(&hostile_previews(2_000)));
    let mut browser = Browser::show(&page.address());
    browser.press("/");
    browser.enter("pr-7");
    browser.press("Escape");
    let calm = "new Promise(done => { const look = () => document.querySelector('.hasty') ? setTimeout(look, 50) : done(); look() })";
    browser.evaluate(calm);
    let tree = browser.call("Accessibility.getFullAXTree", &json!({}));
    assert_eq!(named(&tree, "rowheader").len(), 2_000);
    assert!(named(&tree, "rowheader").contains(&"pr-1990"));
}

#[test]
fn the_keyboard_skips_to_the_table_and_shows_where_it_is() {
    let [page, _] = pages();
    let mut browser = Browser::show(&page.address());
    browser.press("Tab");
    assert_eq!(browser.text("document.activeElement.className"), "skip");
    assert_eq!(browser.text("getComputedStyle(document.activeElement).outlineStyle"), "solid");
    browser.press("Enter");
    browser.press("Tab");
    assert_eq!(
        browser.text("document.activeElement.closest('#table') ? 'table' : document.activeElement.outerHTML"),
        "table"
    );
    assert_eq!(browser.evaluate("document.querySelectorAll('tbody tr:not([hidden])').length"), 40);
}

#[test]
fn a_strict_parser_finds_nothing_wrong_with_the_html() {
    let parse =
        "import html5lib, sys; html5lib.HTMLParser(strict=True).parse(open(sys.argv[1], encoding='utf-8').read())";
    for page in pages() {
        let mut python = Command::new("python3");
        python.args(["-P", "-c", parse]).arg(page.file()).env("PYTHONPATH", tools().join("python"));
        let output = python.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
