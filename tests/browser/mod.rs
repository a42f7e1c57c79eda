//! The pages in a real browser: Debian's Chromium, driven by `playwright-core`, with the rules of `axe-core`. Every kind of
//! page is looked at on a desktop and a phone, in light and in dark, and gone through with the keyboard alone.

mod chromium;
mod data_links;
mod keyboard;
mod looks;
mod pages;
