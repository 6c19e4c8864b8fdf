//! Decides the subject of a token of the client credentials grant ("Agent Identity in Tokens"): one total function.
//!
//! An agent is an entity without credentials. Clients act for it. If an API has `agent_subject_claims`, the subject of its tokens
//! is the agent of the client, and two claims have the kind of the subject and of the client.

use super::Ruling;

/// `agent_subject_claims` of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgentSubjectClaims {
    /// The first and only version.
    Auth0V1,
}

impl AgentSubjectClaims {
    /// Parses the value in the Management API.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        (word == "auth0-v1").then_some(Self::Auth0V1)
    }
}

/// The ids of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agent<'a> {
    /// `agt_…`
    pub id: &'a str,
    /// The id that the owner of the tenant chose.
    pub external_id: Option<&'a str>,
}

/// The subject of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The client, as `{client_id}@clients`.
    ClientAccount,
    /// The client, by its bare id.
    Client,
    /// The agent of the client.
    Agent {
        /// Its external id, or else its own.
        id: String,
    },
}

/// The kinds of the subject and of the client, in a token for an API with `agent_subject_claims`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Profiles {
    /// The claim `sub_profile`.
    pub subject: &'static str,
    /// The claim `client_profile`.
    pub client: &'static str,
}

impl Subject {
    /// The kinds of the subject and of the client, if the token has them (R115, R117).
    pub(crate) const fn profiles(&self) -> Option<Profiles> {
        match self {
            Subject::ClientAccount => None,
            Subject::Client => Some(Profiles { subject: "service", client: "service" }),
            Subject::Agent { .. } => Some(Profiles { subject: "ai_agent", client: "service ai_agent" }),
        }
    }
}

/// Decides the subject of a token for an API, given the agent of the client.
pub(crate) fn subject(api: Option<AgentSubjectClaims>, agent: Option<Agent<'_>>) -> Ruling<Subject> {
    use AgentSubjectClaims::Auth0V1;

    match (api, agent) {
        (None, None) => Ruling::new(Subject::ClientAccount, &[]),
        (None, Some(_)) => Ruling::new(Subject::ClientAccount, &["R114"]),
        (Some(Auth0V1), None) => Ruling::new(Subject::Client, &["R116", "R117"]),
        (Some(Auth0V1), Some(Agent { id, external_id })) => {
            Ruling::new(Subject::Agent { id: external_id.unwrap_or(id).to_owned() }, &["R115"])
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Agent, AgentSubjectClaims, Subject, subject};

    const AUTH0_V1: Option<AgentSubjectClaims> = Some(AgentSubjectClaims::Auth0V1);
    const AGENT: Option<Agent<'_>> = Some(Agent { id: "agt_1", external_id: None });
    const WITH_EXTERNAL_ID: Option<Agent<'_>> = Some(Agent { id: "agt_1", external_id: Some("planner") });

    fn of_agent(id: &str) -> Subject {
        Subject::Agent { id: id.to_owned() }
    }

    #[rstest]
    #[case::a_client_is_an_account_of_its_own(None, None, Subject::ClientAccount, &[])]
    #[case::an_agent_is_no_subject_unless_the_api_has_the_claims(None, AGENT, Subject::ClientAccount, &["R114"])]
    #[case::a_client_without_an_agent_is_the_subject_by_its_bare_id(AUTH0_V1, None, Subject::Client, &["R116", "R117"])]
    #[case::an_agent_without_an_external_id_has_its_own(AUTH0_V1, AGENT, of_agent("agt_1"), &["R115"])]
    #[case::an_agent_has_its_external_id(AUTH0_V1, WITH_EXTERNAL_ID, of_agent("planner"), &["R115"])]
    fn the_subject_of_a_token(
        #[case] api: Option<AgentSubjectClaims>,
        #[case] agent: Option<Agent<'_>>,
        #[case] expected: Subject,
        #[case] rules: &[&str],
    ) {
        let ruling = subject(api, agent);
        assert_eq!((ruling.decision, ruling.rules), (expected, rules));
    }

    #[test]
    fn only_an_unknown_value_is_no_version_of_the_claims() {
        assert_eq!(AgentSubjectClaims::parse("auth0-v1"), AUTH0_V1);
        assert_eq!(AgentSubjectClaims::parse("auth0-v2"), None);
    }

    #[test]
    fn both_profiles_follow_from_the_subject() {
        let profiles = |subject: Subject| subject.profiles().map(|profiles| (profiles.subject, profiles.client));
        assert_eq!(profiles(Subject::ClientAccount), None);
        assert_eq!(profiles(Subject::Client), Some(("service", "service")));
        assert_eq!(profiles(of_agent("agt_1")), Some(("ai_agent", "service ai_agent")));
    }
}
