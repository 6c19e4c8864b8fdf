//! Refusals below `/__admin`, which the live service does not have: all of them are own texts.

use super::ApiError;

impl ApiError {
    /// What was sent as a state is none.
    pub fn unreadable_state(mistake: impl std::fmt::Display) -> Self {
        Self::new(400, None, format!("This is not a state of a tenant: {mistake}."))
    }

    /// A state that does not belong here.
    pub fn state_of_another_tenant(exported: &str, own: &str) -> Self {
        let sentence = "The state is that of the tenant {exported}, and this is the tenant {own}: only a tenant with the same \
                        domain takes it in.";
        Self::new(409, None, sentence.replace("{exported}", &format!("{exported:?}")).replace("{own}", own))
    }
}
