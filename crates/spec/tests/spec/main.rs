//! Whole specs: what is wrong with them, each error at its place, and what those without errors ask for.

mod common;
mod desired;
mod documents;
mod endpoints;
mod examples;
mod files;
mod migrations;
mod properties;
mod tree;
mod yaml;
