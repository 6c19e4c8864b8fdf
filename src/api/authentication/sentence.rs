//! The sentence that the journal has for a decision: a rendering of the reason and of the facts that the [`Trace`] holds. No
//! other file words it.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use super::reason::Reason;
use super::trace::{ActionEffects, Trace};
use crate::api::facts::Lookup;
use crate::domain::action::TRIGGER;
use crate::domain::client_certificate as certificate;
use crate::domain::dpop_proof::{Algorithm, Cause, LIFE, LONGEST_ID, LONGEST_PROOF, SKEW, TYPE};
use crate::domain::organization_access::Refusal;
use crate::domain::quota::Owner;
use crate::domain::sender_constraint::{Mechanism, Refusal as NoProof};
use crate::domain::{BoundedText, Subject};
#[cfg(feature = "javascript")]
use crate::javascript::Failure;

/// The sentence of a reason.
pub(super) struct Sentence<'t> {
    pub(super) reason: &'t Reason,
    pub(super) trace: &'t Trace,
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.trace.facts;
        let client = LookupName("client", facts.client.as_ref());
        let api = LookupName("API", facts.api.as_ref());
        let grant = GrantId(facts.client_grant.as_ref());
        match self.reason {
            Reason::Granted { usage, any_organization } => {
                let any = if *any_organization { " and any organization" } else { "" };
                write!(f, "{client} holds grant {grant} with organization_usage {}{any}; ", usage.as_str())?;
                match self.trace.organization() {
                    Some(_) => write!(f, "{} applies", LookupName("organization", self.trace.organization_lookup())),
                    None => f.write_str("no organization applies"),
                }
            }

            Reason::Unread(sentence) | Reason::Replaced(sentence) => f.write_str(sentence),
            Reason::NoJsonObject => f.write_str("the body is not a JSON object"),
            Reason::NotAText(name) => write!(f, "{name} is not a text"),
            Reason::SentTwice(name) => write!(f, "{name} is sent twice"),
            Reason::NoGrantType => f.write_str("no grant_type is sent"),
            Reason::UnknownGrantType(grant_type) => write!(f, "the grant type {grant_type} is not modelled"),

            Reason::NoClientNamed => f.write_str("the request names no client"),
            Reason::UnreadableBasic => f.write_str("the Authorization header is no readable HTTP Basic"),
            Reason::TwoClients => f.write_str("the Authorization header and the body name different clients"),
            Reason::TwoSecrets => f.write_str("the Authorization header and the body hold different secrets"),
            Reason::UnknownClient => write!(f, "there is no {client}"),
            Reason::NoAssertion => write!(f, "{client} authenticates with keys, and sent no assertion"),
            Reason::SecretInsteadOfKeys => write!(f, "{client} authenticates with keys, and a secret was sent"),
            Reason::ClientWithoutSecret => write!(f, "{client} has no secret"),
            Reason::NoSecretSent => write!(f, "{client} sent no secret"),
            Reason::WrongSecret => write!(f, "{client} sent a wrong secret"),
            Reason::AssertionRefused(sentence) => match (&facts.client, &self.trace.client_id) {
                (Some(_), _) => write!(f, "the assertion of {client} is refused: {sentence}"),
                (None, Some(id)) => write!(f, "the assertion of client {id} is refused: {sentence}"),
                (None, None) => write!(f, "the assertion is refused: {sentence}"),
            },
            Reason::CertificateRefused(cause) => {
                write!(f, "the certificate of {client} is refused: {}", CertificateCause(cause))
            }
            Reason::GrantTypeNotAllowed(name) => write!(f, "{client} does not have {name} among its grant_types"),

            Reason::NoAudience => f.write_str("no audience is sent, and the tenant has no default audience"),
            Reason::ResourceIgnored => f.write_str(
                "no audience is sent, and resource counts only in tenants whose resource_parameter_profile is compatibility",
            ),
            Reason::UnknownApi => {
                let identifier = facts.api.as_ref().map_or("", |api| &api.value);
                write!(f, "there is no API with the identifier {identifier}")
            }
            Reason::ApiDeniesClients => write!(f, "the policy of {api} denies every client"),
            Reason::NoClientGrant => write!(f, "{client} has no client grant for {api}"),
            Reason::NoClientGrantForThirdParty => {
                write!(f, "third-party {client} has no client grant for {api}, and there is no default grant")
            }
            Reason::ScopesNotHeld(scopes) => write!(f, "grant {grant} does not hold {scopes}"),
            Reason::NotEncrypted(error) => write!(f, "{api} encrypts its tokens, and {}", error.0),

            Reason::PlanWithoutOrganizations => f.write_str(
                "an organization is sent, and the tenant's plan lacks machine-to-machine access for organizations",
            ),
            Reason::Organization(refusal) => self.organization(*refusal, f),

            Reason::NoProof(refusal) => match refusal {
                NoProof::ApiRequires(mechanism) => {
                    write!(f, "{api} requires proof of possession, and the request has no {}", proof(*mechanism))
                }
                NoProof::ClientRequires(mechanism) => {
                    write!(f, "{client} requires proof of possession, and the request has no {}", proof(*mechanism))
                }
                NoProof::NoMechanism => {
                    write!(f, "{client} requires proof of possession, and {api} has no mechanism for it")
                }
            },
            Reason::ProofRefused(cause) => write!(f, "the DPoP proof is refused: {}", ProofCause(cause)),

            Reason::QuotaUsedUp { owner, quota, window, wait } => {
                match owner {
                    Owner::Client => write!(f, "{client}")?,
                    Owner::Organization => {
                        write!(f, "{}", LookupName("organization", self.trace.organization_lookup()))?
                    }
                }
                write!(f, " has used up its {quota} tokens {window}, for another {wait} seconds")
            }
            Reason::DeniedByAction { action, code, reason } => {
                write!(f, "{action} denied the token of {client} for {api}: {} {reason:?}", code.as_str())
            }
            Reason::ActionPanicked(message) => write!(f, "an Action of the test panicked: {message}"),
            #[cfg(feature = "javascript")]
            Reason::ActionFailed { name, failure } => {
                write!(f, "Action {:?} failed for {client} and {api}: {}", name.as_str(), FailureCause(failure))
            }
            Reason::SigningFailed(error) => write!(f, "signing failed: {error}"),
        }
    }
}

impl Sentence<'_> {
    fn organization(&self, refusal: Refusal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.trace.facts;
        let client = LookupName("client", facts.client.as_ref());
        let grant = GrantId(facts.client_grant.as_ref());
        let named = facts.organization.as_ref().or(facts.default_organization.as_ref());
        if refusal != Refusal::Missing && refusal != Refusal::NameNotAccepted {
            write!(f, "{}", LookupName("organization", named))?;
            if facts.organization.is_none() {
                write!(f, ", the default of {client},")?;
            }
        }
        match refusal {
            Refusal::NotAllowed => write!(f, " is sent, and grant {grant} denies organizations"),
            Refusal::NotAssociated => {
                write!(f, " is not associated with grant {grant} and allow_any_organization is not set")
            }
            Refusal::Unknown => f.write_str(" does not exist"),
            Refusal::Missing => write!(
                f,
                "grant {grant} requires an organization, none is sent, and {client} has no default organization"
            ),
            Refusal::NameNotAccepted => {
                let name = named.map_or("", |named| &named.value);
                write!(f, "organization {name} is a name, and the tenant accepts ids only")
            }
        }
    }
}

/// The proof of a mechanism in a sentence.
const fn proof(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Dpop => "DPoP proof",
        Mechanism::Mtls => "client certificate",
    }
}

/// The cause of a refused proof in a sentence.
struct ProofCause<'c>(&'c Cause);

impl fmt::Display for ProofCause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::SeveralHeaders => f.write_str("the request has more than one DPoP header"),
            Cause::TooLong(bytes) => write!(f, "it has {bytes} bytes, which is more than {LONGEST_PROOF}"),
            Cause::Unreadable => f.write_str("it is no JSON Web Token in the compact form"),
            Cause::Missing(name) => write!(f, "{name} is missing"),
            Cause::WrongType(name) => write!(f, "{name} has the wrong type"),
            Cause::AnotherType(kind) => write!(f, "typ is {kind} and not {TYPE}"),
            Cause::AnotherAlgorithm(algorithm) => {
                let [first, second] = Algorithm::ALL.map(Algorithm::as_str);
                write!(f, "alg is {algorithm}, and neither {first} nor {second}")
            }
            Cause::Extensions => f.write_str("its header has crit, and no extension is supported"),
            Cause::PrivateKey(member) => write!(f, "jwk has the member {member} of a private key"),
            Cause::AnotherKey(algorithm) => write!(f, "jwk is no public key for {}", algorithm.as_str()),
            Cause::BadSignature => f.write_str("its signature is not from the key in jwk"),
            Cause::AnotherMethod(method) => write!(f, "htm is {method}, which is not the method of the request"),
            Cause::AnotherUrl(url) => write!(f, "htu is {url}, which is not the URL of the request"),
            Cause::TooOld(iat) => write!(f, "iat is {iat}, more than {LIFE} seconds ago"),
            Cause::MadeInTheFuture(iat) => write!(f, "iat is {iat}, more than {SKEW} seconds from now"),
            Cause::IdTooLong => write!(f, "jti has more than {LONGEST_ID} characters"),
            Cause::Used => f.write_str("it was used before"),
            Cause::Full(most) => write!(f, "a tenant remembers {most} used proofs, and none of them has expired yet"),
        }
    }
}

/// The cause of a refused certificate in a sentence.
struct CertificateCause<'c>(&'c certificate::Cause);

impl fmt::Display for CertificateCause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use certificate::{Cause, LONGEST_CERTIFICATE, Method};

        let time = |seconds: i64| {
            let since = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
            humantime::format_rfc3339_seconds(UNIX_EPOCH + since)
        };
        match self.0 {
            Cause::Missing => f.write_str("the request has none"),
            Cause::NotForwarded => f.write_str(
                "the header client-certificate has no effect without the cname-api-key of a verified custom domain of \
                 the type self_managed_certs",
            ),
            Cause::TwoProofs => f.write_str("a secret is sent, too"),
            Cause::SeveralHeaders(name) => write!(f, "the request has more than one header {name}"),
            Cause::TooLong(bytes) => {
                write!(f, "the header has {bytes} bytes, which is more than {LONGEST_CERTIFICATE}")
            }
            Cause::Unreadable => f.write_str("it is no X.509 certificate"),
            Cause::UnknownChain => f.write_str("client-certificate-ca-verified is neither SUCCESS nor FAILED"),
            Cause::AnotherChain(Method::TlsClientAuth) => {
                f.write_str("no trusted authority signed it, and the method of the client is tls_client_auth")
            }
            Cause::AnotherChain(Method::SelfSignedTlsClientAuth) => f.write_str(
                "a trusted authority signed it, and the method of the client is self_signed_tls_client_auth",
            ),
            Cause::NotYetValid(begins) => write!(f, "it is valid from {}", time(*begins)),
            Cause::Expired(expired) => write!(f, "it was valid until {}", time(*expired)),
            Cause::UnknownSubject(subject) => write!(f, "its subject {subject:?} is that of no credential"),
            Cause::UnknownThumbprint(thumbprint) => write!(f, "its thumbprint {thumbprint} is that of no credential"),
        }
    }
}

/// The cause of a failed Action in a sentence.
#[cfg(feature = "javascript")]
struct FailureCause<'f>(&'f Failure);

#[cfg(feature = "javascript")]
impl fmt::Display for FailureCause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Failure::Threw(error) => f.write_str(error),
            Failure::TimeLimit => f.write_str("it reached the time limit of its trigger"),
            Failure::NeverSettled => f.write_str("it waits for a promise that nothing can settle"),
            Failure::Busy => f.write_str("too many other Actions run at the same time"),
        }
    }
}

/// An entity in a sentence: its kind and its look-up.
struct LookupName<'t>(&'static str, Option<&'t Lookup>);

impl fmt::Display for LookupName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LookupName(kind, lookup) = self;
        match lookup {
            Some(lookup) => lookup.label(kind).fmt(f),
            None => f.write_str(kind),
        }
    }
}

/// The id of a client grant in a sentence.
struct GrantId<'t>(Option<&'t Lookup>);

impl fmt::Display for GrantId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.0.and_then(|lookup| lookup.found.as_ref());
        f.write_str(found.map_or("", |grant| &grant.id))
    }
}

/// The subject of a token, if it is not the account of a client without an agent.
pub(super) struct SubjectNote<'t>(pub(super) &'t Trace);

impl fmt::Display for SubjectNote<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.0.facts;
        let agent = LookupName("agent", facts.agent.as_ref());
        let api = LookupName("API", facts.api.as_ref());
        match &self.0.subject {
            Some(Subject::ClientAccount) if facts.agent.is_some() => {
                write!(f, "; the subject is not {agent}, because {api} has no agent_subject_claims")
            }
            Some(Subject::ClientAccount) | None => Ok(()),
            Some(Subject::Client) => write!(f, "; {api} has agent_subject_claims, and the client has no agent"),
            Some(Subject::Agent { .. }) => write!(f, "; the subject is {agent}"),
        }
    }
}

impl fmt::Display for ActionEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.claims.is_empty() {
            write!(f, "; Actions add the claims {}", self.claims)?;
        }
        for (name, fault) in &self.left_out {
            write!(f, "; the claim {name} is left out because {}", fault.reason())?;
        }
        if let Some((target, granted)) = &self.target_scopes {
            write!(f, "; Actions set the target scopes \"{target}\"")?;
            granted.iter().try_for_each(|scopes| write!(f, ", of which the grant holds \"{scopes}\""))?;
        }
        if !self.run.is_empty() {
            write!(f, "; Actions that ran: {}", BoundedText::<1024>::joined(&self.run, ", "))?;
        }
        if self.not_run > 0 {
            write!(f, "; Actions bound to {TRIGGER}, whose code is not run: {}", self.not_run)?;
        }
        Ok(())
    }
}
