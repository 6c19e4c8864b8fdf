//! The sentences of refused client assertions, for the tenant's log. The client gets only T2.
//!
//! One sentence is the vendor's (reported, marked below); the others have its style.

use crate::domain::client_assertion::{Cause, LONGEST_ASSERTION, LONGEST_LIFE, Member, SKEW};

/// The value of `client_assertion_type`.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The sentence for a cause.
pub(crate) fn sentence(cause: &Cause) -> String {
    let claim = |member: &Member| match member {
        Member::Alg | Member::Kid => format!("'{}' header", member.as_str()),
        _ => format!("'{}' claim", member.as_str()),
    };
    match cause {
        Cause::TwoProofs => "a client secret must not be sent with a client assertion".to_owned(),
        Cause::AssertionType(None) => format!("client_assertion_type must be sent, with the value {ASSERTION_TYPE}"),
        Cause::AssertionType(Some(sent)) => format!("client_assertion_type must be {ASSERTION_TYPE}: {sent}"),
        Cause::TooLong(bytes) => format!("the assertion must have no more than {LONGEST_ASSERTION} bytes: {bytes}"),
        Cause::Unreadable => "the assertion must be a JSON Web Token in the compact form".to_owned(),
        Cause::Missing(member) => format!("{} is missing", claim(member)),
        Cause::WrongType(member) => {
            let kind = match member {
                Member::Exp | Member::Iat | Member::Nbf => "a number of seconds",
                Member::Aud => "a string, or an array of strings",
                Member::Alg | Member::Kid | Member::Iss | Member::Sub | Member::Jti => "a string",
            };
            format!("{} must be {kind}", claim(member))
        }
        Cause::LongerThan(member, most) => format!("{} must have no more than {most} characters", claim(member)),
        Cause::IssuerIsNotSubject => "'iss' claim and 'sub' claim must both be the client_id".to_owned(),
        Cause::AnotherClient => "'sub' claim must be the client_id of the request".to_owned(),
        Cause::UnknownClient => "'sub' claim must be the client_id of a client".to_owned(),
        Cause::AnotherMethod => "the client does not authenticate with private_key_jwt".to_owned(),
        Cause::NoCredential => "the client's private_key_jwt names no credential".to_owned(),
        Cause::UnknownKey(kid) => format!("'kid' header must be that of a credential of the client: {kid}"),
        Cause::KeyNotNamed(kid) => format!("the client's private_key_jwt does not name the credential: {kid}"),
        Cause::Extensions => "'crit' header must not be there: no extension is supported".to_owned(),
        Cause::AnotherAlgorithm(sent, expected) => {
            format!("'alg' header must be that of the credential, {}: {sent}", expected.as_str())
        }
        Cause::KeyExpired(kid) => format!("the credential has expired: {kid}"),
        Cause::BadSignature => "the signature is not that of a credential of the client".to_owned(),
        Cause::Audience(sent) => {
            format!("'aud' claim must be the URL of the tenant, with a slash at its end: {}", sent.join(", "))
        }
        Cause::Expired(exp) => format!("'exp' claim must specify a time in the future: {exp}"),
        // Reported; the source has a redacted value after the colon.
        Cause::LivesTooLong(exp) => format!(
            "'exp' claim must specify a time that is no more than {} minutes after 'iat': {exp}",
            LONGEST_LIFE / 60
        ),
        Cause::EndsTooLate(exp) => format!(
            "'exp' claim must specify a time that is no more than {} minutes from now, without 'iat': {exp}",
            LONGEST_LIFE / 60
        ),
        Cause::MadeInTheFuture(iat) => {
            format!("'iat' claim must specify a time that is no more than {SKEW} seconds from now: {iat}")
        }
        Cause::NotYetValid(nbf) => {
            format!("'nbf' claim must specify a time that is no more than {SKEW} seconds from now: {nbf}")
        }
        Cause::Used(jti) => format!("'jti' claim must not have been used before: {jti}"),
        Cause::Full(most) => {
            format!("m2mock remembers no more than {most} used assertions at a time, and so many have not expired yet")
        }
    }
}
