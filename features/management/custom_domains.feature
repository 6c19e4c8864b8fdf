@serial
Feature: Custom domains

  The first domain of a tenant is its primary one, so these scenarios run one after the other.

  Scenario: a new domain waits for its verification
    Given "/custom-domains" has "login" with
      """
      { "domain": "login.{unique.login}.example", "type": "auth0_managed_certs" }
      """
    Then the answer is 201
    And the answer's "custom_domain_id" has the form "cd_ + 16 alphanumeric"
    And the answer carries
      | status                      | pending_verification         |
      | verification.methods.0.name | CNAME                        |
      | domain                      | login.{unique.login}.example |
    When I POST "/custom-domains/{login.custom_domain_id}/test"
    Then the answer is 409 "The custom domain is not ready."
    When I read every page of "/custom-domains?take=50"
    Then among the items these "custom_domain_id" come in this order
      | {login.custom_domain_id} |
    When I DELETE "/custom-domains/{login.custom_domain_id}"
    Then the answer is 204 without a body
    When I GET "/custom-domains/{login.custom_domain_id}"
    Then the answer is 404 "inexistent_custom_domain" "The custom domain {login.custom_domain_id} does not exist"

  Scenario: a domain has metadata
    Given "/custom-domains" has "login" with
      """
      { "domain": "login.{unique.login}.example", "type": "self_managed_certs", "domain_metadata": { "team": "travel" } }
      """
    When I PATCH "/custom-domains/{login.custom_domain_id}" with
      """
      { "custom_client_ip_header": "cf-connecting-ip" }
      """
    Then the answer is 200
    When I GET "/custom-domains/{login.custom_domain_id}"
    Then the answer carries
      | custom_client_ip_header | cf-connecting-ip   |
      | domain_metadata         | {"team": "travel"} |

  Scenario: a domain is used once
    Given "/custom-domains" has "login" with
      """
      { "domain": "login.{unique.login}.example", "type": "auth0_managed_certs" }
      """
    When I POST "/custom-domains" with
      """
      { "domain": "login.{unique.login}.example", "type": "auth0_managed_certs" }
      """
    Then the answer is 409 "Custom domain already exists."

  Scenario: a domain has the options of its type
    When I POST "/custom-domains" with
      """
      { "domain": "login.{unique.login}.example", "type": "self_managed_certs", "tls_policy": "recommended" }
      """
    Then the answer is 400 "invalid_body" "The 'tls_policy' cannot be set on self_managed domains"
    When I POST "/custom-domains" with
      """
      { "domain": "login.{unique.login}.example", "type": "auth0_managed_certs", "custom_client_ip_header": "x-forwarded-for" }
      """
    Then the answer is 400 "invalid_body" "The 'custom_client_ip_header' cannot be set on auth0_managed domains"

  # The live service looks the DNS record up.
  @mock-only
  Scenario: a verified domain becomes the default one
    Given I GET "/custom-domains/default"
    And it is remembered as "first"
    And "/custom-domains" has "login" with
      """
      { "domain": "login.{unique.login}.example", "type": "self_managed_certs" }
      """
    When I PATCH "/custom-domains/default" with
      """
      { "domain": "login.{unique.login}.example" }
      """
    Then the answer is 400 "invalid_body" "The domain must be verified before it can be set as default."
    When I POST "/custom-domains/{login.custom_domain_id}/verify"
    Then the answer is 201
    And the answer carries
      | status | ready |
    When I POST "/custom-domains/{login.custom_domain_id}/verify"
    Then the answer is 400 "Custom domain already verified."
    When I POST "/custom-domains/{login.custom_domain_id}/test"
    Then the answer is 200
      """
      { "success": true }
      """
    When I PATCH "/custom-domains/default" with
      """
      { "domain": "login.{unique.login}.example" }
      """
    Then the answer is 200
    When I GET "/custom-domains/default"
    Then the answer carries
      | domain | login.{unique.login}.example |
    When I DELETE "/custom-domains/{login.custom_domain_id}"
    Then the answer is 409 "Cannot delete the default custom domain. Please set another domain as default before deleting this one."
    When I PATCH "/custom-domains/default" with
      """
      { "domain": "{first.domain}" }
      """
    Then the answer is 200
