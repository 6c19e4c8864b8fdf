//! The names whose values are secrets, with their contexts. It is the only such list, for every output of m2mock.
//!
//! The names are those of the vendor's published schemas, request headers and query parameters. A name that is not
//! listed is a secret if it contains a typical part ([`SOUNDS`], [`ENDINGS`]), which covers names of other tools. Names
//! with such a part that are no secrets are listed as [`Shape::Plain`]. Names are compared in lower case, by letters
//! and digits only: `clientSecret`, `client-secret` and `CLIENT_SECRET` are one name.

use Context::{Anywhere, At, Below, Beside, OutsideManagement, Query};
use Shape::{Container, Members, Plain, Text};

/// Names of members, parameters or headers, and the shape of their secrets in a context.
pub(super) struct SecretName {
    pub(super) names: &'static [&'static str],
    pub(super) context: Context,
    pub(super) shape: Shape,
}

/// The context in which an entry applies.
#[derive(Clone, Copy)]
pub(super) enum Context {
    Anywhere,
    /// In a query.
    Query,
    /// In a query, and in bodies outside the Management API.
    OutsideManagement,
    /// In queries and bodies at a path with one of these segments.
    At(&'static [&'static str]),
    /// At any depth below a member with one of these names.
    Below(&'static [&'static str]),
    /// In an object that also has one of these members.
    Beside(&'static [&'static str]),
}

/// The part of a value that is a secret.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Nothing, although the name may sound like a secret. Members below have rules of their own.
    Plain,
    /// The whole value. An object is a mistake of the sender, so the names of its members are secrets, too.
    Text,
    /// The whole value, except members with these names at any depth, which have rules of their own.
    Members(&'static [&'static str]),
    /// Texts and numbers, also in a list. The members of objects have rules of their own.
    Container,
}

const fn entry(names: &'static [&'static str], context: Context, shape: Shape) -> SecretName {
    SecretName { names, context, shape }
}

/// The list. The first entry with the name and the context decides. A name that is listed only for other contexts is
/// plain.
pub(super) const ENTRIES: &[SecretName] = &[
    // One-time codes and passwords.
    entry(
        &[
            "otp",
            "totp",
            "pin",
            "passcode",
            "mfa_code",
            "verification_code",
            "binding_code",
            "oob_code",
            "device_code",
            "user_code",
            "recovery_code",
            "recovery_codes",
            "backup_code",
            "backup_codes",
            "barcode_uri",
            "verification_uri_complete",
            "invitation_url",
        ],
        Anywhere,
        Text,
    ),
    entry(&["invitation"], OutsideManagement, Text),
    // The source text of an Action and the code of an error have this name as well.
    entry(&["code"], OutsideManagement, Text),
    entry(&["code"], Beside(&["grant_type", "code_verifier", "redirect_uri", "client_secret"]), Text),
    // Proofs and signatures.
    entry(&["sig", "hmac", "dpop", "link_with", "SAMLResponse", "SAMLRequest"], Anywhere, Text),
    entry(&["request"], Query, Text),
    // The private numbers of a JSON Web Key, and its symmetric key.
    entry(&["d", "p", "q", "dp", "dq", "qi", "oth", "k"], Beside(&["kty"]), Text),
    entry(&["p12", "ikey", "dsn", "connectionString"], Anywhere, Text),
    entry(&["key"], Query, Text),
    entry(&["key"], Below(&["password_hash", "decryptionKey", "signingKey", "signing_key"]), Text),
    // Objects with secrets and settings.
    entry(&["password"], Anywhere, Members(&["enabled", "signup_behavior", "api_behavior"])),
    entry(
        &["refresh_token"],
        Anywhere,
        Members(&[
            "rotation_type",
            "expiration_type",
            "leeway",
            "token_lifetime",
            "idle_token_lifetime",
            "policies",
            "audience",
            "scope",
            "strategy",
        ]),
    ),
    entry(
        &["custom_password_hash"],
        Anywhere,
        Members(&["algorithm", "encoding", "digest", "position", "keylen", "cost", "blockSize", "parallelization"]),
    ),
    entry(&["gateway_authentication"], Anywhere, Members(&["method", "subject", "audience"])),
    entry(&["webhook_authorization"], Anywhere, Members(&["method", "username", "header_key"])),
    entry(&["secrets"], Anywhere, Members(&["id", "name", "updated_at"])),
    entry(&["session_cookie", "cookie"], Anywhere, Members(&["mode"])),
    entry(
        &["credentials"],
        Anywhere,
        Members(&[
            "id",
            "kid",
            "alg",
            "name",
            "credential_type",
            "pem",
            "subject_dn",
            "thumbprint_sha256",
            "created_at",
            "updated_at",
            "expires_at",
            "scopes",
            "jti",
            "region",
            "domain",
            "smtp_host",
            "smtp_port",
            "smtp_user",
            "clientId",
            "tenantId",
            "public_key",
        ]),
    ),
    entry(
        &["encryption_key"],
        Anywhere,
        Members(&["pub", "cert", "subject", "name", "alg", "pem", "kid", "thumbprint_sha256"]),
    ),
    entry(
        &["setup"],
        Anywhere,
        Members(&["type", "client_id", "domain", "username", "base_url", "audience", "project_id", "subdomain"]),
    ),
    entry(&["httpCustomHeaders"], Anywhere, Members(&["header"])),
    entry(&["headers"], Anywhere, Members(&["accept", "content-type", "user-agent"])),
    // The credentials of the scripts of a database connection.
    entry(&["configuration"], Below(&["options"]), Members(&[])),
    entry(&["configuration"], At(&["connections"]), Members(&[])),
    entry(&["value"], At(&["device-credentials", "rules-configs", "keys"]), Text),
    entry(&["value"], Beside(&["device_name", "device_id"]), Text),
    // Lists of objects or texts.
    entry(
        &[
            "tokens",
            "refresh_tokens",
            "scim_tokens",
            "device_credentials",
            "jwt_configuration",
            "email_otp",
            "phone_otp",
        ],
        Anywhere,
        Container,
    ),
    // Names that only sound like secrets.
    entry(
        &[
            "accessedSecrets",
            "access_token_jti",
            "access_tokens",
            "assertion_decryption_settings",
            "authorization_details",
            "change_password",
            "client_credentials",
            "credential_id",
            "credentials_tenant",
            "federated_connections_access_tokens",
            "header_key",
            "identity_assertion_authorization_grant",
            "key",
            "last_password_reset",
            "leaked_passwords",
            "passkey",
            "password_dictionary",
            "password_history",
            "passwordless_amr",
            "pre-change-password",
            "primary_key",
            "private_key_id",
            "private_key_jwt",
            "public_key",
            "public_wrapping_key",
            "refresh_token_metadata",
            "required_secrets",
            "site_key",
            "subject_type_authorization",
            "token_broker",
            "token_encryption",
            "token_endpoint_auth_signing_kid",
            "token_exchange",
            "token_exchange_profiles",
            "token_id",
            "token_lifetime_for_web",
            "token_quota",
            "default_token_quota",
            "token_thumbprint",
            "token_vault_privileged_access",
        ],
        Anywhere,
        Plain,
    ),
];

/// Paths whose bodies consist of secrets, and the members that are none.
pub(super) const BODIES: (&[&str], &[&str]) = (
    &["secrets", "rules-configs"],
    &["id", "key", "name", "updated_at", "created_at", "statusCode", "error", "message", "errorCode"],
);

/// Paths at which every value of a query is a secret: the service ignores the query, so its parameters were meant for
/// the body.
pub(super) const QUERIES: &[&str] = &["/oauth/token", "/oauth/token/"];

/// A name with one of these parts is a secret unless it is listed.
pub(super) const SOUNDS: &[&str] = &[
    "secret",
    "passw",
    "passphrase",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "assertion",
    "credential",
    "authorization",
    "ticket",
    "cookie",
    "verifier",
    "bearer",
];

/// A name with one of these endings is a secret unless it is listed.
pub(super) const ENDINGS: &[&str] =
    &["key", "pass", "pwd", "otp", "jwt", "sig", "signature", "clientcert", "clientcertificate", "clientcertchain"];

/// A name with one of these endings is a setting and no secret: `token_lifetime`, `client_assertion_type`.
pub(super) const SETTINGS: &[&str] = &[
    "accesstokens",
    "alg",
    "algs",
    "at",
    "counter",
    "dialect",
    "endpoint",
    "endpointurl",
    "format",
    "lifetime",
    "method",
    "methods",
    "metadata",
    "options",
    "policy",
    "settings",
    "supported",
    "type",
    "types",
];
