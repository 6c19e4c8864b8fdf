//! Completions for shells and manual pages, both made from the definition of the command.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::serve::{complaint, m2mock, scratch};

/// The long options in a text, as `--ready-file`.
pub fn options(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = text.split(|c| !word(c)).filter(|word| word.len() > 3);
    words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

/// What the command or a subcommand says to `--help`.
pub fn help(subcommand: Option<&str>) -> String {
    let arguments: Vec<&str> = subcommand.into_iter().chain(["--help"]).collect();
    // Empty variables count as unset: their values do not show.
    let output = m2mock(&arguments).env_clear().output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The subcommands that `--help` lists.
pub fn subcommands() -> Vec<String> {
    let help = help(None);
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let list = list.lines().take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

fn printed(output: Output) -> String {
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn completions(shell: &str) -> String {
    printed(m2mock(&["completions", shell]).output().unwrap())
}

/// An empty folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let folder = scratch(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn pages(name: &str) -> BTreeMap<String, String> {
    let folder = folder(name);
    assert_eq!(printed(m2mock(&["man", folder.to_str().unwrap()]).output().unwrap()), "");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let page =
        |file: PathBuf| (file.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(file).unwrap());
    files.map(page).collect()
}

/// What a tool says of a file, if the tool is here.
fn said_by(tool: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(tool).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{tool}: {error}"),
    }
}

#[test]
fn shells_take_their_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let script = completions(shell);
        let file = scratch(&format!("completions.{shell}"));
        fs::write(&file, &script).unwrap();
        match said_by(shell, &["-n", file.to_str().unwrap()]) {
            Some(output) => assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {output:?}"),
            None => assert_ne!(shell, "bash", "one shell at least has to try its completions"),
        }
        for subcommand in subcommands() {
            assert!(script.contains(&subcommand), "{shell} is not told of {subcommand}");
            for option in options(&help(Some(&subcommand))) {
                // fish has them without the dashes.
                assert!(
                    script.contains(option.trim_start_matches("--")),
                    "{shell} is not told of {subcommand} {option}"
                );
            }
        }
    }
}

#[test]
fn the_error_of_an_unknown_shell_lists_the_known_ones() {
    let output = m2mock(&["completions", "dos"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("[possible values: bash, elvish, fish, powershell, zsh]"), "{text}");
}

#[test]
fn the_manual_has_a_page_for_each_subcommand_with_each_of_its_options() {
    let pages = pages("manual");
    assert_eq!(pages.len(), subcommands().len() + 1, "{:?}", pages.keys());
    let unescaped = |page: &str| page.replace(r"\-", "-").replace(r"\fB", "").replace(r"\fR", "");
    let main = unescaped(&pages["m2mock.1"]);
    assert!(options(&help(None)).is_subset(&options(&main)), "{main}");
    for subcommand in subcommands() {
        assert!(main.contains(&format!("m2mock-{subcommand}(1)")), "{main}");
        let page = unescaped(&pages[&format!("m2mock-{subcommand}.1")]);
        let lacking: Vec<_> = options(&help(Some(&subcommand))).difference(&options(&page)).cloned().collect();
        assert!(lacking.is_empty(), "{subcommand} lacks {lacking:?}");
    }
    assert_eq!(printed(m2mock(&["man"]).output().unwrap()), pages["m2mock.1"]);
}

#[test]
fn man_and_mandoc_can_read_the_manual() {
    let name = "manual_to_render";
    for (page, text) in pages(name) {
        let file = scratch(name).join(&page);
        // `scratch` removes files, and this is a folder.
        assert!(file.exists());
        let file = file.to_str().unwrap();
        if let Some(output) = said_by("man", &["--warnings", "-l", file]).filter(|output| output.status.success()) {
            assert!(output.stderr.is_empty(), "{page}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(String::from_utf8_lossy(&output.stdout).contains("SYNOPSIS"), "{page}");
        }
        if let Some(output) = said_by("mandoc", &["-T", "lint", "-W", "error", file]) {
            assert!(output.status.success(), "{page}: {}", String::from_utf8_lossy(&output.stdout));
        }
        assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{page}");
    }
}

#[test]
fn completions_and_manual_have_no_values_of_the_environment() {
    let variables = [
        ("M2MOCK_MANAGEMENT_CLIENT_SECRET", "hush-management"),
        ("M2MOCK_TARGET_CLIENT_SECRET", "hush-target"),
        ("M2MOCK_DOMAIN", "hush.example"),
    ];
    for arguments in [&["man"][..], &["completions", "bash"], &["completions", "zsh"], &["completions", "fish"]] {
        let text = printed(m2mock(arguments).envs(variables).output().unwrap());
        assert!(!text.contains("hush"), "{arguments:?} tells");
        assert_eq!(text, printed(m2mock(arguments).output().unwrap()), "{arguments:?} differs");
    }
    // The variable itself is no secret.
    let page = printed(m2mock(&["man"]).output().unwrap()).replace(r"\-", "-");
    assert!(page.contains("M2MOCK_MANAGEMENT_CLIENT_SECRET"), "{page}");
}

#[test]
fn a_folder_that_cannot_be_is_a_mistake() {
    let file = scratch("a_file_in_the_way");
    fs::write(&file, "").unwrap();
    let (code, sentence) = complaint(m2mock(&["man", file.to_str().unwrap()]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(sentence.starts_with("m2mock: the manual cannot be written to "), "{sentence}");
}
