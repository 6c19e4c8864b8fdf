//! Who is meant by a name.
//!
//! Names of organizations and connections and identifiers of APIs stand for one entity each. Several clients may have one name, so a
//! name that is theirs together refers to none of them.

use std::collections::{HashMap, HashSet};

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::error::{Place, SeedError};
use super::layout::NamedGrant;
use crate::api::{Pins, Tenant};

/// The clients of a tenant as they are now, and a look at the rest of it.
pub(super) struct References<'t> {
    tenant: &'t Tenant,
    client_ids: HashSet<String>,
    clients_by_name: HashMap<String, Vec<String>>,
}

impl<'t> References<'t> {
    pub fn of(tenant: &'t Tenant) -> References<'t> {
        let mut references = References { tenant, client_ids: HashSet::new(), clients_by_name: HashMap::new() };
        // The deploy tool leaves out the application that it runs as, and so an exported seed may well have one of the
        // same name as ours.
        let (management_client, _) = tenant.management_client();
        let mut next = Some(String::new());
        while let Some(cursor) = next {
            let mut path = "/clients?is_global=false&fields=client_id,name&take=100".to_owned();
            if !cursor.is_empty() {
                path += "&from=";
                path += &segment(&cursor);
            }
            let page = references.get(&path).unwrap_or_default();
            for client in page["clients"].as_array().into_iter().flatten() {
                let id = client["client_id"].as_str().unwrap_or_default();
                references.client_ids.insert(id.to_owned());
                if id != management_client {
                    let name = client["name"].as_str().unwrap_or_default().to_owned();
                    references.clients_by_name.entry(name).or_default().push(id.to_owned());
                }
            }
            next = page["next"].as_str().map(str::to_owned);
        }
        references
    }

    /// The id of the client with this name or id.
    pub fn client(&self, called: &str, place: &Place) -> Result<String, SeedError> {
        let named = self.clients_by_name.get(called).map_or(&[][..], Vec::as_slice);
        let mut meant: HashSet<&str> = named.iter().map(String::as_str).collect();
        meant.extend(self.client_ids.get(called).map(String::as_str));
        let count = meant.len();
        match (meant.into_iter().next(), count) {
            (Some(id), 1) => Ok(id.to_owned()),
            (None, _) => Err(SeedError::no_such_client(place, called)),
            (Some(_), _) => Err(SeedError::several_such_clients(place, called, count)),
        }
    }

    /// The id of the organization with this name or id.
    pub fn organization(&self, called: &str, place: &Place) -> Result<String, SeedError> {
        let called_so = segment(called);
        let organization = self
            .get(&format!("/organizations/name/{called_so}"))
            .or_else(|| self.get(&format!("/organizations/{called_so}")))
            .ok_or_else(|| SeedError::no_such_organization(place, called))?;
        Ok(organization["id"].as_str().unwrap_or_default().to_owned())
    }

    /// The id of the connection with this name or id.
    pub fn connection(&self, called: &str, place: &Place) -> Result<String, SeedError> {
        let called_so = segment(called);
        let named =
            self.get(&format!("/connections?name={called_so}")).and_then(|mut list| Some(list.get_mut(0)?.take()));
        let connection = named
            .or_else(|| self.get(&format!("/connections/{called_so}")))
            .ok_or_else(|| SeedError::no_such_connection(place, called))?;
        Ok(connection["id"].as_str().unwrap_or_default().to_owned())
    }

    /// The identifier of the API with this identifier or id.
    pub fn audience(&self, called: &str, place: &Place) -> Result<String, SeedError> {
        let api = self.get(&format!("/resource-servers/{}", segment(called)));
        let api = api.ok_or_else(|| SeedError::no_such_api(place, called))?;
        Ok(api["identifier"].as_str().unwrap_or_default().to_owned())
    }

    /// The id of the grant that an organization means: the client's grant for the API it names, else the first one of
    /// that client in the order of the list, which is how the deploy tool reads it.
    pub fn client_grant(&self, named: &NamedGrant) -> Result<String, SeedError> {
        let client = self.client(&named.client, &named.place.at("client_id"))?;
        let mut path = format!("/client-grants?take=1&client_id={}", segment(&client));
        if let Some(audience) = &named.audience {
            // A grant for users (`subject_type`) is another one, and organizations have no say in it.
            path += &format!("&subject_type=client&audience={}", segment(audience));
        }
        let page = self.get(&path).unwrap_or_default();
        let grant = page["client_grants"].get(0).and_then(|grant| grant["id"].as_str());
        grant
            .map(str::to_owned)
            .ok_or_else(|| SeedError::no_such_client_grant(&named.place, &named.client, named.audience.as_deref()))
    }

    fn get(&self, path: &str) -> Option<Value> {
        self.tenant.perform(Method::GET, path, Value::Null, Pins::default()).ok()
    }
}

/// One segment of a path, or one value of a query, whatever it holds.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
