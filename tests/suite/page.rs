//! The pages of `list --format html` and `history --format html`, in a real browser.

mod browser;
mod everybody;
mod made;
mod previews;
