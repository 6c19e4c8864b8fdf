//! The clients under test, each asking for a token in its own words.

use oauth2::basic::BasicClient;
use oauth2::{
    ClientId, ClientSecret, ErrorResponseType, RequestTokenError, StandardErrorResponse, TokenResponse, TokenUrl,
};
use openidconnect::IssuerUrl;
use openidconnect::core::{CoreClient, CoreProviderMetadata};

use crate::Tenant;

/// What an application proves, and what it asks for.
#[derive(Clone, Copy)]
pub struct Application<'a> {
    pub id: &'a str,
    pub secret: &'a str,
    pub audience: &'a str,
    pub organization: Option<&'a str>,
}

/// The token endpoint's refusal as the client parsed it: `error` and `error_description`.
pub type Refused = (String, String);

type Ask = fn(&Tenant, &Application<'_>) -> Result<String, Refused>;

/// The clients by name.
pub const CLIENTS: [(&str, Ask); 2] = [("oauth2", with_oauth2), ("openidconnect", with_openidconnect)];

/// Knows the token endpoint, and proves itself by HTTP Basic, as this client does unless told otherwise.
fn with_oauth2(tenant: &Tenant, application: &Application<'_>) -> Result<String, Refused> {
    let client = BasicClient::new(ClientId::new(application.id.to_owned()))
        .set_client_secret(ClientSecret::new(application.secret.to_owned()))
        .set_token_uri(TokenUrl::new(format!("{}oauth/token", tenant.issuer)).unwrap());
    let mut request = client.exchange_client_credentials().add_extra_param("audience", application.audience);
    if let Some(organization) = application.organization {
        request = request.add_extra_param("organization", organization);
    }
    told(request.request(&tenant.http))
}

/// Finds the token endpoint by discovery, where it reads the keys as well, and proves itself in the body.
fn with_openidconnect(tenant: &Tenant, application: &Application<'_>) -> Result<String, Refused> {
    let issuer = IssuerUrl::new(tenant.issuer.clone()).unwrap();
    let metadata = CoreProviderMetadata::discover(&issuer, &tenant.http).unwrap();
    let secret = ClientSecret::new(application.secret.to_owned());
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(application.id.to_owned()), Some(secret))
        .set_auth_type(oauth2::AuthType::RequestBody);
    let request = client.exchange_client_credentials().unwrap();
    let mut request = request.add_extra_param("audience", application.audience);
    if let Some(organization) = application.organization {
        request = request.add_extra_param("organization", organization);
    }
    told(request.request(&tenant.http))
}

fn told<Token, Failure, Kind>(
    answer: Result<Token, RequestTokenError<Failure, StandardErrorResponse<Kind>>>,
) -> Result<String, Refused>
where
    Token: TokenResponse,
    Failure: std::error::Error + 'static,
    Kind: ErrorResponseType + std::fmt::Display + 'static,
{
    match answer {
        Ok(token) => Ok(token.access_token().secret().clone()),
        Err(RequestTokenError::ServerResponse(refused)) => {
            Err((refused.error().to_string(), refused.error_description().cloned().unwrap_or_default()))
        }
        Err(other) => panic!("the client understands no such answer: {other}"),
    }
}
