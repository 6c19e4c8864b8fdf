//! The names whose values are secrets, with their contexts: the only such list, for every output of m2mock.
//!
//! The names are those of the vendor's published schemas, request headers and query parameters. A name that is not listed
//! is judged by its sound ([`SOUNDS`], [`ENDINGS`]), so that names of other tools are covered as well; names that sound like
//! secrets and are none are listed as [`Shape::Plain`]. Names are compared in lower case and without anything that is neither a
//! letter nor a digit: `clientSecret`, `client-secret` and `CLIENT_SECRET` are one name.

use Context::{Anywhere, At, Below, Beside, OutsideManagement, Query};
use Shape::{Container, Members, Plain, Text};

/// Names of members, parameters or headers, and the shape of their secrets in a context.
pub(super) struct SecretName {
    pub(super) names: &'static [&'static str],
    pub(super) place: Context,
    pub(super) shape: Shape,
}

/// The context in which an entry applies.
#[derive(Clone, Copy)]
pub(super) enum Context {
    Anywhere,
    /// In a query.
    Query,
    /// In a query, and in bodies of everything but the Management API.
    OutsideManagement,
    /// In queries and bodies at a path with one of these segments.
    At(&'static [&'static str]),
    /// At any depth below a member with one of these names.
    Below(&'static [&'static str]),
    /// In an object that has one of these members as well.
    Beside(&'static [&'static str]),
}

/// What of the value is a secret.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Nothing, although the name may sound like a secret. What is below is judged by its own name.
    Plain,
    /// All of it. An object is a mistake of the sender, so the names of its members are secrets as well.
    Text,
    /// All of it, but for members with these names at any depth, which are judged by their own name.
    Members(&'static [&'static str]),
    /// Texts and numbers, also in a list. Objects are judged by their members.
    Container,
}

const fn entry(names: &'static [&'static str], place: Context, shape: Shape) -> SecretName {
    SecretName { names, place, shape }
}

/// The list. The first entry whose name and place fit decides; a name that is listed for other places only is plain.
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
    // Objects that hold secrets beside settings.
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
    // What the scripts of a database connection log in with.
    entry(&["configuration"], Below(&["options"]), Members(&[])),
    entry(&["configuration"], At(&["connections"]), Members(&[])),
    entry(&["value"], At(&["device-credentials", "rules-configs", "keys"]), Text),
    entry(&["value"], Beside(&["device_name", "device_id"]), Text),
    // Lists of things with these names.
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
    // What only sounds like a secret.
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

/// Paths whose bodies hold nothing but secrets beside the members named here.
pub(super) const BODIES: (&[&str], &[&str]) = (
    &["secrets", "rules-configs"],
    &["id", "key", "name", "updated_at", "created_at", "statusCode", "error", "message", "errorCode"],
);

/// Paths at which no value of a query is shown: nothing reads it, so it was meant for the body.
pub(super) const QUERIES: &[&str] = &["/oauth/token", "/oauth/token/"];

/// Parts of names that are not listed and hold secrets.
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

/// How further ones end.
pub(super) const ENDINGS: &[&str] =
    &["key", "pass", "pwd", "otp", "jwt", "sig", "signature", "clientcert", "clientcertificate", "clientcertchain"];

/// How names end that tell about a secret and are none: `token_lifetime`, `client_assertion_type`.
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
