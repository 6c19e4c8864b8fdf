//! The forms of generated identifiers and secrets (management-conventions, "Ids and timestamps"; recorded).

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Base 58: no `0`, `O`, `I`, `l`.
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const UPPER_ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const URL_SAFE: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-";

/// A prefix and a number of characters drawn from an alphabet, or a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdShape {
    prefix: &'static str,
    length: usize,
    alphabet: &'static [u8],
    is_uuid: bool,
}

impl IdShape {
    /// `client_id` of an application.
    pub(crate) const CLIENT: IdShape = IdShape::new("", 32, ALPHANUMERIC);
    /// `client_id` of a third-party application in strict mode.
    pub(crate) const THIRD_PARTY_CLIENT: IdShape = IdShape::new("tpc_", 22, BASE58);
    /// `client_secret`.
    pub(crate) const CLIENT_SECRET: IdShape = IdShape::new("", 64, URL_SAFE);
    /// Credential of an application.
    pub(crate) const CLIENT_CREDENTIAL: IdShape = IdShape::new("cred_", 22, BASE58);
    /// Client grant.
    pub(crate) const CLIENT_GRANT: IdShape = IdShape::new("cgr_", 16, ALPHANUMERIC);
    /// Connection.
    pub(crate) const CONNECTION: IdShape = IdShape::new("con_", 16, ALPHANUMERIC);
    /// Key of a connection (recorded: 43 characters of the base64url alphabet).
    pub(crate) const CONNECTION_KEY: IdShape = IdShape::new("", 43, URL_SAFE);
    /// Token for provisioning over SCIM, without its secret half.
    pub(crate) const SCIM_TOKEN: IdShape = IdShape::new("tok_", 16, ALPHANUMERIC);
    /// Secret half of such a token.
    pub(crate) const SCIM_SECRET: IdShape = IdShape::new("", 64, HEX);
    /// Synchronization of users from a directory (no recording).
    pub(crate) const SYNCHRONIZATION: IdShape = IdShape::new("sync_", 16, ALPHANUMERIC);
    /// Discovery domain of an organization.
    pub(crate) const DISCOVERY_DOMAIN: IdShape = IdShape::new("ord_", 22, BASE58);
    /// Text that proves the ownership of such a domain.
    pub(crate) const DOMAIN_PROOF: IdShape = IdShape::new("", 32, HEX);
    /// Invitation to an organization.
    pub(crate) const INVITATION: IdShape = IdShape::new("uinv_", 16, ALPHANUMERIC);
    /// Public key of a device.
    pub(crate) const DEVICE_CREDENTIAL: IdShape = IdShape::new("dcr_", 16, ALPHANUMERIC);
    /// Job.
    pub(crate) const JOB: IdShape = IdShape::new("job_", 16, ALPHANUMERIC);
    /// Organization.
    pub(crate) const ORGANIZATION: IdShape = IdShape::new("org_", 16, ALPHANUMERIC);
    /// Resource server.
    pub(crate) const RESOURCE_SERVER: IdShape = IdShape::new("", 24, HEX);
    /// Role.
    pub(crate) const ROLE: IdShape = IdShape::new("rol_", 16, ALPHANUMERIC);
    /// Secret with which a resource server's HS256 tokens are signed.
    pub(crate) const SIGNING_SECRET: IdShape = IdShape::new("", 32, ALPHANUMERIC);
    /// `jti` of an access token (22 characters in the published samples; the alphabet is that of their letters).
    pub(crate) const TOKEN: IdShape = IdShape::new("", 22, BASE58);
    /// Ticket in a link to the set-up page of a connection, or in an invitation to an organization.
    pub(crate) const TICKET: IdShape = IdShape::new("", 32, ALPHANUMERIC);

    /// Id of a user within a database or a passwordless connection: the part after `auth0|`.
    pub(crate) const USER: IdShape = IdShape::new("", 24, HEX);
    /// Last part of the id of an authentication method.
    pub(crate) const AUTHENTICATION_METHOD: IdShape = IdShape::new("dev_", 16, ALPHANUMERIC);
    /// Recovery code of a user.
    pub(crate) const RECOVERY_CODE: IdShape = IdShape::new("", 24, UPPER_ALPHANUMERIC);

    /// Agent.
    pub(crate) const AGENT: IdShape = IdShape::new("agt_", 22, BASE58);
    /// Connection profile.
    pub(crate) const CONNECTION_PROFILE: IdShape = IdShape::new("cop_", 22, BASE58);
    /// Custom domain.
    pub(crate) const CUSTOM_DOMAIN: IdShape = IdShape::new("cd_", 16, ALPHANUMERIC);
    /// Key with which a proxy proves itself at a custom domain.
    pub(crate) const CUSTOM_DOMAIN_KEY: IdShape = IdShape::new("", 128, HEX);
    /// Event stream.
    pub(crate) const EVENT_STREAM: IdShape = IdShape::new("est_", 22, BASE58);
    /// Event of an event stream.
    pub(crate) const EVENT: IdShape = IdShape::new("evt_", 22, BASE58);
    /// Experiment.
    pub(crate) const EXPERIMENT: IdShape = IdShape::new("exp_", 22, BASE58);
    /// Feature flag.
    pub(crate) const FEATURE_FLAG: IdShape = IdShape::new("flg_", 22, BASE58);
    /// Flow.
    pub(crate) const FLOW: IdShape = IdShape::new("af_", 22, BASE58);
    /// Form.
    pub(crate) const FORM: IdShape = IdShape::new("ap_", 22, BASE58);
    /// Hook.
    pub(crate) const HOOK: IdShape = IdShape::new("", 26, UPPER_ALPHANUMERIC);
    /// Log stream.
    pub(crate) const LOG_STREAM: IdShape = IdShape::new("lst_", 16, DIGITS);
    /// Network access control list.
    pub(crate) const NETWORK_ACL: IdShape = IdShape::new("acl_", 22, BASE58);
    /// Phone provider.
    pub(crate) const PHONE_PROVIDER: IdShape = IdShape::new("pro_", 22, ALPHANUMERIC);
    /// Template of a phone message.
    pub(crate) const PHONE_TEMPLATE: IdShape = IdShape::new("tem_", 22, ALPHANUMERIC);
    /// Rate limit policy.
    pub(crate) const RATE_LIMIT_POLICY: IdShape = IdShape::new("rlp_", 21, BASE58);
    /// Rule.
    pub(crate) const RULE: IdShape = IdShape::new("rul_", 16, ALPHANUMERIC);
    /// Segment of an experiment.
    pub(crate) const SEGMENT: IdShape = IdShape::new("seg_", 22, BASE58);
    /// Self-service profile.
    pub(crate) const SELF_SERVICE_PROFILE: IdShape = IdShape::new("ssp_", 22, BASE58);
    /// Theme.
    pub(crate) const THEME: IdShape = IdShape::new("", 32, ALPHANUMERIC);
    /// Token exchange profile.
    pub(crate) const TOKEN_EXCHANGE_PROFILE: IdShape = IdShape::new("tep_", 16, ALPHANUMERIC);
    /// User attribute profile.
    pub(crate) const USER_ATTRIBUTE_PROFILE: IdShape = IdShape::new("uap_", 22, BASE58);
    /// Variation of a feature flag.
    pub(crate) const VARIATION: IdShape = IdShape::new("var_", 22, BASE58);
    /// Vault connection of flows.
    pub(crate) const VAULT_CONNECTION: IdShape = IdShape::new("ac_", 22, BASE58);
    /// Template of a verifiable credential (the published sample has 16 characters, and a path takes 26 in all).
    pub(crate) const VERIFICATION_TEMPLATE: IdShape = IdShape::new("vct_", 16, ALPHANUMERIC);
    /// Fingerprint of the credentials of a vault connection.
    pub(crate) const FINGERPRINT: IdShape = IdShape::new("", 32, HEX);
    /// A random UUID (version 4).
    pub(crate) const UUID: IdShape = IdShape { prefix: "", length: 36, alphabet: HEX, is_uuid: true };

    const ALL: [IdShape; 50] = [
        Self::CLIENT,
        Self::THIRD_PARTY_CLIENT,
        Self::CLIENT_SECRET,
        Self::CLIENT_CREDENTIAL,
        Self::CLIENT_GRANT,
        Self::CONNECTION,
        Self::CONNECTION_KEY,
        Self::SCIM_TOKEN,
        Self::SCIM_SECRET,
        Self::SYNCHRONIZATION,
        Self::DISCOVERY_DOMAIN,
        Self::DOMAIN_PROOF,
        Self::INVITATION,
        Self::DEVICE_CREDENTIAL,
        Self::JOB,
        Self::ORGANIZATION,
        Self::RESOURCE_SERVER,
        Self::ROLE,
        Self::SIGNING_SECRET,
        Self::TOKEN,
        Self::TICKET,
        Self::USER,
        Self::AUTHENTICATION_METHOD,
        Self::RECOVERY_CODE,
        Self::AGENT,
        Self::CONNECTION_PROFILE,
        Self::CUSTOM_DOMAIN,
        Self::CUSTOM_DOMAIN_KEY,
        Self::EVENT_STREAM,
        Self::EVENT,
        Self::EXPERIMENT,
        Self::FEATURE_FLAG,
        Self::FLOW,
        Self::FORM,
        Self::HOOK,
        Self::LOG_STREAM,
        Self::NETWORK_ACL,
        Self::PHONE_PROVIDER,
        Self::PHONE_TEMPLATE,
        Self::RATE_LIMIT_POLICY,
        Self::RULE,
        Self::SEGMENT,
        Self::SELF_SERVICE_PROFILE,
        Self::THEME,
        Self::TOKEN_EXCHANGE_PROFILE,
        Self::USER_ATTRIBUTE_PROFILE,
        Self::VARIATION,
        Self::VAULT_CONNECTION,
        Self::VERIFICATION_TEMPLATE,
        Self::UUID,
    ];

    const fn new(prefix: &'static str, length: usize, alphabet: &'static [u8]) -> Self {
        IdShape { prefix, length, alphabet, is_uuid: false }
    }

    /// Draws a new identifier. It never begins with a dash, which a command line would take for an option.
    pub(crate) fn draw(&self, random: &mut fastrand::Rng) -> String {
        let mut id = String::with_capacity(self.prefix.len() + self.length);
        id.push_str(self.prefix);
        while id.len() < self.prefix.len() + self.length {
            match id.len() {
                8 | 23 if self.is_uuid => id.push('-'),
                13 if self.is_uuid => id.push_str("-4"),
                18 if self.is_uuid => id.extend(['-', char::from(b"89ab"[random.usize(..4)])]),
                _ => {}
            }
            let drawn = char::from(self.alphabet[random.usize(..self.alphabet.len())]);
            if drawn != '-' || !id.is_empty() {
                id.push(drawn);
            }
        }
        id
    }

    /// Whether a text has the shape of a generated identifier or secret.
    pub(crate) fn is_drawn(text: &str) -> bool {
        // A long word has the shape of an identifier without a prefix.
        let is_mixed =
            text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic());
        Self::ALL.iter().any(|shape| shape.fits(text) && (!shape.prefix.is_empty() || is_mixed))
    }

    /// Whether a text has this shape.
    pub(crate) fn fits(&self, text: &str) -> bool {
        if self.is_uuid {
            let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
            let fits = |(at, byte): (usize, u8)| if is_dash(at) { byte == b'-' } else { self.alphabet.contains(&byte) };
            return text.len() == self.length && text.bytes().enumerate().all(fits);
        }
        text.strip_prefix(self.prefix)
            .is_some_and(|rest| rest.len() == self.length && rest.bytes().all(|byte| self.alphabet.contains(&byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::IdShape;

    #[test]
    fn a_secret_can_stand_on_a_command_line() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..1000 {
            let secret = IdShape::CLIENT_SECRET.draw(&mut random);
            assert!(IdShape::CLIENT_SECRET.fits(&secret) && !secret.starts_with('-'), "{secret}");
        }
    }

    #[test]
    fn what_is_drawn_fits_its_own_shape_and_no_other() {
        let mut random = fastrand::Rng::with_seed(7);
        let grant = IdShape::CLIENT_GRANT.draw(&mut random);
        assert!(IdShape::CLIENT_GRANT.fits(&grant), "{grant}");
        assert!(!IdShape::ORGANIZATION.fits(&grant));
        assert!(!IdShape::CLIENT_GRANT.fits("cgr_too_short"));
        assert!(IdShape::is_drawn(&grant) && !IdShape::is_drawn("cgr_too_short"));
        assert!(!IdShape::is_drawn("anapplicationwithaverylongnameof"));
        let action = IdShape::UUID.draw(&mut random);
        assert!(IdShape::UUID.fits(&action) && action.len() == 36 && action.as_bytes()[14] == b'4', "{action}");
        assert!(!IdShape::UUID.fits(&action.replace('-', "0")) && !IdShape::UUID.fits("not-a-uuid"));
        let api = IdShape::RESOURCE_SERVER.draw(&mut random);
        assert!(api.len() == 24 && api.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
    }
}
