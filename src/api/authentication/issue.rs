//! Issues the tokens of a grant and builds the answer.

use serde_json::Value;

use super::action::sequence::Changes;
use super::authorization::Authorization;
use super::exchange::Exchange;
use super::reason::Reason;
use super::rejection::Rejection;
use crate::api::call::Reply;
use crate::api::error::TokenError;
use crate::domain::BoundedText;
use crate::store::document::text;
use crate::store::views::{ClientView, ResourceServerView};
use crate::token::{self, Confirmation, Grant, OrganizationClaim, Profile};

/// The tokens of a granted request.
pub(super) struct Tokens {
    access_token: String,
    /// Empty if the token has no scope.
    scope: String,
    /// In seconds.
    expires_in: i64,
    token_type: &'static str,
}

impl Tokens {
    /// The order is that of a pasted answer (token-endpoint, "Success"), which has `scope` only where there is one.
    pub(super) fn reply(self) -> Reply {
        let mut body = vec![("access_token", Value::from(self.access_token))];
        if !self.scope.is_empty() {
            body.push(("scope", self.scope.into()));
        }
        body.extend([("expires_in", self.expires_in.into()), ("token_type", self.token_type.into())]);
        Reply::object(body)
    }
}

/// Signs an access token.
pub(super) fn issue(
    exchange: &mut Exchange<'_>,
    authorization: &Authorization,
    confirmation: Option<Confirmation>,
    changes: Changes,
    now: i64,
    jti: String,
) -> Result<Tokens, Rejection> {
    let tenant = exchange.tenant;
    let issuer = tenant.names.issuer(&exchange.base_url).to_owned();
    let grant = Grant { confirmation, ..grant(authorization, changes, issuer, now, jti) };
    let access_token = token::issue(&grant, &tenant.keys()).map_err(|error| {
        let reason = Reason::SigningFailed(BoundedText::of(error));
        Rejection::new(TokenError::not_signed(), &[], reason)
    })?;
    let access_token = match &authorization.encryption_key {
        None => access_token,
        Some(key) => {
            exchange.trace.encrypted_with = Some(key.algorithm());
            key.encrypt(access_token).map_err(|error| {
                Rejection::new(TokenError::not_encrypted(error.0), &["JWE1"], Reason::NotEncrypted(error))
            })?
        }
    };
    let scope = grant.scope.join(" ");
    exchange.trace.granted_scope = Some(scope.as_str()).filter(|scope| !scope.is_empty()).map(Into::into);
    let token_type = if grant.confirmation.is_some() { "DPoP" } else { "Bearer" };
    Ok(Tokens { access_token, scope, expires_in: grant.lifetime, token_type })
}

/// The data of the token.
fn grant(authorization: &Authorization, changes: Changes, issuer: String, now: i64, jti: String) -> Grant {
    let api = ResourceServerView(&authorization.api);
    let dialect = api.token_dialect();
    let member = |organization, key| text(organization, key).unwrap_or_default().to_owned();
    Grant {
        issuer,
        subject: authorization.subject.clone(),
        client_id: ClientView(&authorization.client).id().to_owned(),
        // The audience is that of the request: the Management API has many names, and a verifier expects the one that it uses.
        audience: authorization.audience.clone(),
        issued_at: now,
        lifetime: api.token_lifetime(),
        scope: changes.scopes.iter().map(str::to_owned).collect(),
        organization: authorization.organization.as_ref().map(|organization| OrganizationClaim {
            id: member(organization, "id"),
            name: authorization.names_organization.then(|| member(organization, "name")),
        }),
        profile: if dialect.is_rfc9068() { Profile::Rfc9068 { jti } } else { Profile::Auth0 },
        // Both are asked for: the dialect alone is a wish, the policies make it so (nobody publishes it).
        with_permissions: dialect.has_permissions() && api.enforces_policies(),
        confirmation: None,
        custom_claims: changes.custom_claims,
        signing: api.signing(),
    }
}
