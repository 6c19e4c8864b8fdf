//! The reason of a decision about a token request. `sentence.rs` renders it for the journal.

use crate::domain::organization_access::Refusal;
use crate::domain::quota::Owner;
use crate::domain::{BoundedText, DenyCode, OrganizationUsage, client_certificate, dpop_proof, sender_constraint};
#[cfg(feature = "javascript")]
use crate::javascript::Failure;
use crate::token::EncryptionError;

/// Why a token is given or refused. Entities are those of the trace.
#[derive(Debug)]
pub(super) enum Reason {
    /// The client grant allows it.
    Granted {
        usage: OrganizationUsage,
        any_organization: bool,
    },

    // The request
    /// The edge could not read it.
    Unread(BoundedText),
    NoJsonObject,
    NotAText(&'static str),
    SentTwice(&'static str),
    NoGrantType,
    UnknownGrantType(BoundedText),

    // The client
    NoClientNamed,
    UnreadableBasic,
    TwoClients,
    TwoSecrets,
    UnknownClient,
    NoAssertion,
    SecretInsteadOfKeys,
    ClientWithoutSecret,
    NoSecretSent,
    WrongSecret,
    /// The sentence of the tenant's log.
    AssertionRefused(BoundedText),
    /// The client certificate, which is for the authentication or for the binding of the token.
    CertificateRefused(client_certificate::Cause),
    GrantTypeNotAllowed(&'static str),

    // The API and the client grant
    NoAudience,
    /// The request has a `resource` and no `audience`.
    ResourceIgnored,
    UnknownApi,
    ApiDeniesClients,
    NoClientGrant,
    NoClientGrantForThirdParty,
    ScopesNotHeld(BoundedText),
    /// The API encrypts its tokens.
    NotEncrypted(EncryptionError),

    // The organization
    PlanWithoutOrganizations,
    Organization(Refusal),

    // Proof of possession
    NoProof(sender_constraint::Refusal),
    ProofRefused(dpop_proof::Cause),

    // Quotas and Actions
    QuotaUsedUp {
        owner: Owner,
        quota: u32,
        window: &'static str,
        /// In seconds.
        wait: i64,
    },
    DeniedByAction {
        action: BoundedText,
        code: DenyCode,
        reason: BoundedText,
    },
    ActionPanicked(BoundedText),
    /// The JavaScript of an Action with this name failed.
    #[cfg(feature = "javascript")]
    ActionFailed {
        name: BoundedText,
        failure: Failure,
    },

    SigningFailed(BoundedText),
    /// A rate limit or a fault answered in the tenant's place, with this reason.
    Replaced(BoundedText),
}
