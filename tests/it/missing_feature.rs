//! A build of the command with few features: it names the feature that an option or a subcommand needs.

use std::process::Command;

use crate::serve::{complaint, m2mock};

/// The refusal of a build that lacks the feature; nothing of a build that has it.
fn refusal(command: &mut Command, has_feature: bool) -> Option<String> {
    if has_feature {
        return None;
    }
    let (code, sentence) = complaint(command.output().unwrap());
    assert_eq!(code, Some(2), "{sentence}");
    Some(sentence)
}

#[test]
fn a_subcommand_of_conformance_names_the_feature_or_is_there() {
    for subcommand in ["conformance", "drift", "steps", "record", "replay"] {
        match refusal(&mut m2mock(&[subcommand, "--tags", "@R13"]), cfg!(feature = "conformance")) {
            Some(sentence) => assert!(sentence.contains("lacks the feature \"conformance\""), "{sentence}"),
            None => assert!(m2mock(&[subcommand, "--help"]).output().unwrap().status.success()),
        }
    }
}

#[test]
fn an_option_of_tls_names_the_feature_or_is_there() {
    for option in ["--tls", "--tls-port", "--tls-name", "--ca-file", "--tls-cert", "--tls-key"] {
        for arguments in [&[option][..], &["serve", "--port", "0", option]] {
            match refusal(&mut m2mock(arguments), cfg!(feature = "tls")) {
                Some(sentence) => assert!(sentence.contains("lacks the feature \"tls\""), "{sentence}"),
                None => {
                    let help = m2mock(&["serve", "--help"]).output().unwrap().stdout;
                    assert!(String::from_utf8(help).unwrap().contains(option), "{option}");
                }
            }
        }
    }
    if let Some(sentence) = refusal(m2mock(&["--port", "0"]).env("M2MOCK_TLS", "true"), cfg!(feature = "tls")) {
        assert!(sentence.contains("lacks the feature \"tls\", which M2MOCK_TLS needs"), "{sentence}");
    }
}
