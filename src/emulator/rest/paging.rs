//! Lists that are read page by page.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::Call;

const DEFAULT_PAGE: usize = 30;
const LARGEST_PAGE: usize = 100;

impl Call<'_> {
    /// The page that `per_page` and `page` ask for, with the addresses of the next and the last one.
    pub(super) fn page<T>(&self, items: impl ExactSizeIterator<Item = T>, object: impl Fn(T) -> Value) -> Answer {
        self.page_within(items, object, |_, shown| shown)
    }

    /// The same in an object that tells how many there are.
    pub(super) fn counted_page<T>(
        &self,
        name: &str,
        items: impl ExactSizeIterator<Item = T>,
        object: impl Fn(T) -> Value,
    ) -> Answer {
        self.page_within(items, object, |total, shown| json!({"total_count": total, name: shown}))
    }

    fn page_within<T>(
        &self,
        items: impl ExactSizeIterator<Item = T>,
        object: impl Fn(T) -> Value,
        whole: impl Fn(usize, Value) -> Value,
    ) -> Answer {
        let per_page = self.count("per_page").unwrap_or(DEFAULT_PAGE).min(LARGEST_PAGE);
        let page = self.count("page").unwrap_or(1);
        let total = items.len();
        let last = total.div_ceil(per_page);
        let shown = items.skip((page - 1).saturating_mul(per_page)).take(per_page);
        let answer = Answer::json(200, &whole(total, shown.map(object).collect()));
        if page >= last {
            return answer;
        }
        let address = |page| self.address_of_page(per_page, page);
        answer.with_header("link", format!("<{}>; rel=\"next\", <{}>; rel=\"last\"", address(page + 1), address(last)))
    }

    fn count(&self, name: &str) -> Option<usize> {
        self.request.parameter(name)?.parse().ok().filter(|count| *count > 0)
    }

    /// The request's own address, filters and all, but for the page.
    fn address_of_page(&self, per_page: usize, page: usize) -> String {
        let is_filter = |pair: &&str| !pair.is_empty() && !pair.starts_with("per_page=") && !pair.starts_with("page=");
        let pages = [format!("per_page={per_page}"), format!("page={page}")];
        let pairs: Vec<&str> =
            self.request.query.split('&').filter(is_filter).chain(pages.iter().map(String::as_str)).collect();
        format!("{}{}?{}", self.context.forge.server_url(), self.request.path, pairs.join("&"))
    }
}
