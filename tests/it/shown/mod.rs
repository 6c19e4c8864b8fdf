//! The Rust blocks of the README and the guide, compiled and run as a reader pastes them into `tests/x.rs`.
//!
//! Each file of this folder is one block, byte for byte. `UPDATE_GOLDEN=1 cargo test --all-features --test it shown` writes
//! the files again after a block has changed; a new block also needs its line below.

mod bound_tokens_1;
mod calibration_1;
mod exports_1;
mod faults_1;
mod first_test_1;
mod first_test_2;
#[cfg(feature = "javascript")]
mod javascript_actions_1;
mod limits_1;
mod limits_2;
mod my_organization_1;
mod organizations_1;
mod readme_1;
mod readme_2;
// This block is a test target of its own, with its own `main`.
#[cfg(feature = "conformance")]
#[allow(dead_code)]
mod scenarios_1;
mod seeds_1;
mod streams_1;
mod time_1;
mod time_2;
mod time_3;
mod tokens_1;
mod tokens_2;
mod verifying_1;
mod verifying_2;
mod verifying_3;
#[cfg(feature = "wiremock")]
mod wiremock_1;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::rules::files;

/// Every Rust block of the documents for users, by the name of its module.
fn blocks() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut blocks = BTreeMap::new();
    for path in files("docs", "md").into_iter().chain([root.join("README.md")]) {
        let text = fs::read_to_string(&path).expect("a document is text");
        let page = path.file_stem().expect("a document has a name").to_string_lossy().to_lowercase().replace('-', "_");
        let code = text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
        let rust = code.filter(|(language, _)| language.starts_with("rust"));
        for (number, (language, code)) in rust.enumerate() {
            assert_eq!(language, "rust", "{}: a block is shown and compiled in one form", path.display());
            let hidden = code.lines().find(|line| *line == "#" || line.starts_with("# "));
            assert_eq!(hidden, None, "{}: a hidden line is visible on a page of text", path.display());
            blocks.insert(format!("{page}_{}", number + 1), code.to_owned());
        }
    }
    blocks
}

#[test]
fn every_rust_block_of_the_documents_is_a_file_of_this_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/shown");
    let blocks = blocks();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        for (name, code) in &blocks {
            fs::write(folder.join(format!("{name}.rs")), code).expect("a file of the sources can be written");
        }
    }
    let is_block = |path: &std::path::PathBuf| path.file_stem().is_some_and(|name| name != "mod");
    let files: BTreeMap<String, String> = files("tests/it/shown", "rs")
        .into_iter()
        .filter(is_block)
        .map(|path| {
            let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a source file is text"))
        })
        .collect();
    let this_file = include_str!("mod.rs");
    for (name, code) in &blocks {
        assert_eq!(files.get(name), Some(code), "{name} differs from its document; UPDATE_GOLDEN=1 writes it again");
        assert!(this_file.contains(&format!("\nmod {name};\n")), "{name} is not compiled");
    }
    let left_over: Vec<&String> = files.keys().filter(|name| !blocks.contains_key(*name)).collect();
    assert!(left_over.is_empty(), "no document shows {left_over:?}");
}
