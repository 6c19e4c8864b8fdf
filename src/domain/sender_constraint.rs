//! Decides whether a token is bound to a key of its sender ("Configure Sender Constraining"): one total function.
//!
//! A bound token is of use only to the owner of a private key. An API says by which mechanism its tokens are bound, and
//! whether they have to be; a client may require it, too. The mechanism is either a proof that is signed with the key (DPoP,
//! RFC 9449) or a client certificate (mutual TLS, RFC 8705).

use super::Ruling;

/// The mechanism of an API: `proof_of_possession.mechanism`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// A proof in the header `DPoP`.
    Dpop,
    /// A client certificate.
    Mtls,
}

impl Mechanism {
    /// Every value.
    pub(crate) const ALL: [Mechanism; 2] = [Self::Dpop, Self::Mtls];

    /// Parses the value in the Management API.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.as_str() == word)
    }

    /// The value in the Management API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Mechanism::Dpop => "dpop",
            Mechanism::Mtls => "mtls",
        }
    }
}

/// The clients whose tokens an API wants to be bound: `proof_of_possession.required` and `required_for`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequiredFor {
    /// No client has to send a proof.
    None,
    /// Public clients have to.
    PublicClients,
    /// Every client has to.
    AllClients,
}

/// The kind of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientKind {
    /// It authenticates.
    Confidential,
    /// It cannot keep a secret.
    Public,
}

/// The proofs of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// The request has none.
    None,
    /// It has the header `DPoP`.
    Dpop,
    /// It has a client certificate.
    Certificate,
    /// It has both.
    Both,
}

impl Presented {
    /// Every value.
    #[cfg(test)]
    pub(crate) const ALL: [Presented; 4] = [Self::None, Self::Dpop, Self::Certificate, Self::Both];

    const fn is_of(self, mechanism: Mechanism) -> bool {
        match (self, mechanism) {
            (Presented::Both, Mechanism::Dpop | Mechanism::Mtls)
            | (Presented::Dpop, Mechanism::Dpop)
            | (Presented::Certificate, Mechanism::Mtls) => true,
            (Presented::None, Mechanism::Dpop | Mechanism::Mtls)
            | (Presented::Dpop, Mechanism::Mtls)
            | (Presented::Certificate, Mechanism::Dpop) => false,
        }
    }
}

/// Everything that the decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// The `proof_of_possession` of the API, if it has one.
    pub api: Option<(Mechanism, RequiredFor)>,
    /// The `require_proof_of_possession` of the client.
    pub client_requires: bool,
    /// The kind of the client.
    pub client: ClientKind,
    /// The proofs of the request.
    pub proof: Presented,
}

impl Case {
    /// Whether neither API nor client nor request requires a bound token.
    pub(crate) fn is_plain(self) -> bool {
        self.api.is_none() && !self.client_requires && self.proof == Presented::None
    }
}

/// The reason of a refusal (T17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The API requires a proof of its mechanism, and there is none.
    ApiRequires(Mechanism),
    /// The client requires a proof of the API's mechanism, and there is none.
    ClientRequires(Mechanism),
    /// The client requires a bound token, and the API has no mechanism.
    NoMechanism,
}

/// The decision on a token and its binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// A token that is not bound. A proof is not validated.
    Bearer,
    /// A token that is bound to the key of the proof of this mechanism, if the proof is valid.
    Bound(Mechanism),
    /// No token.
    Refuse(Refusal),
}

/// Decides one case.
pub(crate) const fn decide(case: Case) -> Ruling<Decision> {
    use ClientKind::{Confidential, Public};
    use Decision::{Bearer, Bound, Refuse};
    use RequiredFor::{AllClients, PublicClients};

    let Some((mechanism, required_for)) = case.api else {
        return match case.client_requires {
            true => Ruling::new(Refuse(Refusal::NoMechanism), &["POP6", "T17"]),
            false => Ruling::new(Bearer, &["POP1"]),
        };
    };
    if case.proof.is_of(mechanism) {
        return Ruling::new(Bound(mechanism), &["POP3"]);
    }
    match (required_for, case.client, case.client_requires) {
        (AllClients, Confidential | Public, _) => {
            Ruling::new(Refuse(Refusal::ApiRequires(mechanism)), &["POP4", "T17"])
        }
        (PublicClients, Public, _) => Ruling::new(Refuse(Refusal::ApiRequires(mechanism)), &["POP4", "POP7", "T17"]),
        (PublicClients, Confidential, true) | (RequiredFor::None, Confidential | Public, true) => {
            Ruling::new(Refuse(Refusal::ClientRequires(mechanism)), &["POP5", "T17"])
        }
        (PublicClients, Confidential, false) => Ruling::new(Bearer, &["POP2", "POP7"]),
        (RequiredFor::None, Confidential | Public, false) => Ruling::new(Bearer, &["POP2"]),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::{Case, ClientKind, Decision, Mechanism, Presented, RequiredFor, decide};

    #[test]
    fn a_case_is_plain_if_neither_api_nor_client_nor_request_binds() {
        for client in [ClientKind::Confidential, ClientKind::Public] {
            let plain = Case { api: None, client_requires: false, client, proof: Presented::None };
            assert!(plain.is_plain());
            for mechanism in Mechanism::ALL {
                assert!(!Case { api: Some((mechanism, RequiredFor::None)), ..plain }.is_plain());
            }
            assert!(!Case { client_requires: true, ..plain }.is_plain());
            for proof in Presented::ALL.into_iter().filter(|proof| *proof != Presented::None) {
                assert!(!Case { proof, ..plain }.is_plain());
            }
        }
    }

    #[test]
    fn a_mechanism_has_the_word_of_the_management_api() {
        for word in ["dpop", "mtls"] {
            assert_eq!(Mechanism::parse(word).map(Mechanism::as_str), Some(word));
        }
        assert_eq!(["none", "DPoP", ""].map(Mechanism::parse), [None; 3]);
    }

    /// Every case in one table: a changed rule is a changed row.
    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        writeln!(table, "API                client        requires proof       decision                       rules")
            .unwrap();
        let required = [RequiredFor::None, RequiredFor::PublicClients, RequiredFor::AllClients];
        let apis =
            Mechanism::ALL.into_iter().flat_map(|mechanism| required.map(|required| Some((mechanism, required))));
        for api in std::iter::once(None).chain(apis) {
            for client in [ClientKind::Confidential, ClientKind::Public] {
                for client_requires in [false, true] {
                    for proof in Presented::ALL {
                        let ruling = decide(Case { api, client_requires, client, proof });
                        let api = api.map_or_else(
                            || "no mechanism".to_owned(),
                            |(mechanism, required)| format!("{} {required:?}", mechanism.as_str()),
                        );
                        let (client, proof) = (format!("{client:?}"), format!("{proof:?}"));
                        let decision = match ruling.decision {
                            Decision::Bearer => "bearer".to_owned(),
                            Decision::Bound(mechanism) => format!("bound by {}", mechanism.as_str()),
                            Decision::Refuse(refusal) => format!("refused, {refusal:?}"),
                        };
                        let rules = ruling.rules.join(" ");
                        let requires = if client_requires { "yes" } else { "no" };
                        writeln!(table, "{api:18} {client:13} {requires:8} {proof:11} {decision:30} {rules}").unwrap();
                    }
                }
            }
        }
        insta::assert_snapshot!(table);
    }
}
