@mock-only
Feature: Device credentials

  Scenario: the public key of a device is listed without the key
    Given an application "app"
    When I POST "/device-credentials" with
      """
      {
        "device_name": "Phone", "device_id": "test_device", "type": "public_key", "value": "ABCD",
        "client_id": "{app.client_id}"
      }
      """
    And it is remembered as "phone"
    Then the answer is 201
    And the answer's members are "id"
    And the answer's "id" has the form "dcr_ + 16 alphanumeric"
    When I GET "/device-credentials?client_id={app.client_id}&type=public_key&include_totals=true"
    Then the answer is 200
      """
      {
        "start": 0, "limit": 50, "total": 1,
        "device_credentials": [
          {
            "id": "{phone.id}", "client_id": "{app.client_id}", "type": "public_key",
            "device_name": "Phone", "device_id": "test_device"
          }
        ]
      }
      """
    When I GET "/device-credentials?client_id={app.client_id}&fields=id"
    Then the answer is 200
      """
      [{ "id": "{phone.id}" }]
      """
    When I DELETE "/device-credentials/{phone.id}"
    Then the answer is 204 without a body
    When I GET "/device-credentials?client_id={app.client_id}"
    Then the list is empty
    When I DELETE "/device-credentials/{phone.id}"
    Then the answer is 204 without a body

  @assumption
  Scenario: a device has one key for an application, which goes with the application
    Given an application "app"
    When I POST "/device-credentials" with
      """
      { "device_name": "Phone", "device_id": "0a", "type": "public_key", "value": "A", "client_id": "{app.client_id}" }
      """
    Then the answer is 201
    When I POST "/device-credentials" with
      """
      { "device_name": "Phone", "device_id": "0a", "type": "public_key", "value": "B", "client_id": "{app.client_id}" }
      """
    Then the answer is 409 "A device credential for this device already exists."
    When I DELETE "/clients/{app.client_id}"
    And I GET "/device-credentials?client_id={app.client_id}"
    Then the list is empty
