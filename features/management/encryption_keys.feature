@mock-only @serial
Feature: Keys of a tenant

  A root key protects the master key, which protects the keys for data. Nothing brings back a key that was replaced.

  Scenario: a new tenant has a root key and a master key
    When I GET "/keys/encryption"
    Then the answer carries
      | 0.type  | environment-root-key |
      | 0.state | active               |
      | 1.type  | tenant-master-key    |
      | 1.state | active               |
    When I GET "/keys/encryption/nothing"
    Then the answer is 400 "invalid_uri" "Invalid UUID format in uri."
    When I GET "/keys/encryption/00000000-0000-0000-0000-000000000000"
    Then the answer is 404 "The key does not exist."

  Scenario: a rekey replaces the master key
    Given I GET "/keys/encryption"
    And it is remembered as "before"
    When I POST "/keys/encryption/rekey"
    Then the answer is 204 without a body
    When I GET "/keys/encryption/{before.1.kid}"
    Then the answer carries
      | state | destroyed |
    When I GET "/keys/encryption"
    Then the answer carries
      | 0.type       | tenant-master-key |
      | 0.state      | active            |
      | 0.parent_kid | {before.0.kid}    |

  Scenario: the owner's root key is imported in three steps
    Given "/keys/encryption" has "root" with
      """
      { "type": "customer-provided-root-key" }
      """
    Then the answer is 201
    And the answer carries
      | state | pre-activation |
    When I POST "/keys/encryption" with
      """
      { "type": "customer-provided-root-key" }
      """
    Then the answer is 409 "Encryption key has already been created."
    When I POST "/keys/encryption/{root.kid}" with
      """
      { "wrapped_key": "AAAA" }
      """
    Then the answer is 409
    When I POST "/keys/encryption/{root.kid}/wrapping-key"
    Then the answer is 201
    And the answer carries
      | algorithm | CKM_RSA_AES_KEY_WRAP |
    When I POST "/keys/encryption/{root.kid}" with
      """
      { "wrapped_key": "AAAA" }
      """
    Then the answer is 400 "invalid_body" "Invalid input. Wrapped key material is invalid or unsupported key type."
    When I DELETE "/keys/encryption/{root.kid}"
    Then the answer is 204 without a body
    When I GET "/keys/encryption/{root.kid}"
    Then the answer carries
      | state | destroyed |

  Scenario: the signing keys of the owner
    When I GET "/keys/custom-signing"
    Then the answer is 404 "No custom signing keys found for this tenant. Upload custom signing keys first."
    When I PUT "/keys/custom-signing" with
      """
      { "keys": [{ "kty": "RSA", "kid": "mine", "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AQAB" }] }
      """
    Then the answer is 200
    When I GET "/keys/custom-signing"
    Then the answer carries
      | keys.0.kid | mine |
    When I DELETE "/keys/custom-signing"
    Then the answer is 204 without a body
    When I GET "/keys/custom-signing"
    Then the answer is 404
