//! The table of operations: method, path, description, bodies, and the function that performs the operation. Routing and the
//! published document both come from these rows, so the document describes every operation and no other.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::operation::{AdminOperation, AdminReply};
use super::{clock, openapi, requests};
use crate::api::ApiError;
use crate::api::faults::Fault;

const USUAL: AdminOperation = AdminOperation {
    method: Method::GET,
    path: "",
    id: "",
    summary: "",
    query: &[],
    body: None,
    answers: &[],
    brings_state: false,
    run: |_| Ok(AdminReply::NoContent),
};

const OK: StatusCode = StatusCode::OK;
const CREATED: StatusCode = StatusCode::CREATED;
const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;
const WRONG: (StatusCode, Option<&str>) = (StatusCode::BAD_REQUEST, Some("Error"));
const GONE: (StatusCode, Option<&str>) = (StatusCode::NOT_FOUND, Some("Error"));
const IN_THE_WAY: (StatusCode, Option<&str>) = (StatusCode::CONFLICT, Some("Error"));

/// All operations. The document sorts them by path.
pub(super) const OPERATIONS: &[AdminOperation] = &[
    AdminOperation {
        method: Method::POST,
        path: "reset",
        id: "reset",
        summary: "Goes back to what the tenant started with, its clock and faults included; log and journal are empty.",
        answers: &[(NO_CONTENT, None)],
        run: |request| {
            request.tenant.reset();
            Ok(AdminReply::NoContent)
        },
        ..USUAL
    },
    AdminOperation {
        path: "state",
        id: "exportState",
        summary: "Everything that later answers depend on, secrets included. The log and the journal are not in it.",
        answers: &[(OK, Some("State"))],
        run: |request| Ok(AdminReply::Ok(request.tenant.export())),
        ..USUAL
    },
    AdminOperation {
        method: Method::PUT,
        path: "state",
        id: "importState",
        summary: "Puts an exported state in the place of all that the tenant holds; log and journal are empty then. \
                  What a reset goes back to stays.",
        body: Some(("State", "")),
        answers: &[(NO_CONTENT, None), WRONG, IN_THE_WAY],
        brings_state: true,
        run: |request| request.tenant.import(request.body).map(|()| AdminReply::NoContent),
        ..USUAL
    },
    AdminOperation {
        path: "requests",
        id: "listRequests",
        summary: "The journal: what was asked, what was answered and why, oldest first.",
        query: requests::PARAMETERS,
        answers: &[(OK, Some("Requests")), WRONG],
        run: |request| {
            let found = requests::asked_for(request.tenant.requests(), request.query)?;
            Ok(AdminReply::Ok(json!(found).to_string()))
        },
        ..USUAL
    },
    AdminOperation {
        method: Method::DELETE,
        path: "requests",
        id: "clearRequests",
        summary: "Empties the journal.",
        answers: &[(NO_CONTENT, None)],
        run: |request| {
            request.tenant.forget_requests();
            Ok(AdminReply::NoContent)
        },
        ..USUAL
    },
    AdminOperation {
        path: "clock",
        id: "readClock",
        summary: "How the tenant's clock goes.",
        answers: &[(OK, Some("Clock"))],
        run: |request| Ok(AdminReply::Ok(clock::shown(request.tenant.clock().mode()).to_string())),
        ..USUAL
    },
    AdminOperation {
        method: Method::PUT,
        path: "clock",
        id: "moveClock",
        summary: "Moves the clock, and shows how it goes then.",
        body: Some(("Move", r#"{"advance": "1h"}"#)),
        answers: &[(OK, Some("Clock")), WRONG],
        run: |request| {
            let step = clock::read(request.body)?;
            Ok(AdminReply::Ok(clock::shown(request.tenant.clock().apply(step)).to_string()))
        },
        ..USUAL
    },
    AdminOperation {
        path: "faults",
        id: "listFaults",
        summary: "The faults, oldest first. A request meets the first one that fits it.",
        answers: &[(OK, Some("Faults"))],
        run: |request| Ok(AdminReply::Ok(json!(request.tenant.faults()).to_string())),
        ..USUAL
    },
    AdminOperation {
        method: Method::POST,
        path: "faults",
        id: "addFault",
        summary: "Adds a fault behind those that are there.",
        body: Some(("NewFault", r#"{"operation": "token", "times": 2, "status": 429}"#)),
        answers: &[(CREATED, Some("Fault")), WRONG, IN_THE_WAY],
        run: |request| {
            let fault = Fault::read(request.json()?).map_err(|mistake| ApiError::invalid_body(mistake + "."))?;
            let id = request.tenant.add_fault(fault.clone())?;
            Ok(AdminReply::Created(fault.shown(id, 0).to_string()))
        },
        ..USUAL
    },
    AdminOperation {
        method: Method::DELETE,
        path: "faults",
        id: "clearFaults",
        summary: "Removes all faults.",
        answers: &[(NO_CONTENT, None)],
        run: |request| {
            request.tenant.clear_faults();
            Ok(AdminReply::NoContent)
        },
        ..USUAL
    },
    AdminOperation {
        method: Method::DELETE,
        path: "faults/{id}",
        id: "removeFault",
        summary: "Removes a fault.",
        answers: &[(NO_CONTENT, None), GONE],
        run: |request| match request.id.parse().is_ok_and(|id| request.tenant.remove_fault(id)) {
            true => Ok(AdminReply::NoContent),
            false => Err(ApiError::no_such_fault(request.id)),
        },
        ..USUAL
    },
    AdminOperation {
        path: "tenants",
        id: "listTenants",
        summary: "The tenants of this process. Each is reached by its own name or at its own port, and so are the operations here.",
        answers: &[(OK, Some("Tenants"))],
        run: |request| Ok(AdminReply::Ok(json!(request.tenants().shown()).to_string())),
        ..USUAL
    },
    AdminOperation {
        method: Method::POST,
        path: "tenants",
        id: "addTenant",
        summary: "Adds a tenant, with the credentials of its management application in the answer; `port` gives it a port of its own.",
        body: Some((
            "NewTenant",
            r#"{"domain": "acme.localhost", "seed": {"organizations": [{"name": "granite-tours"}]}}"#,
        )),
        answers: &[(CREATED, Some("AddedTenant")), WRONG, IN_THE_WAY],
        run: |request| Ok(AdminReply::Created(request.add_tenant()?.to_string())),
        ..USUAL
    },
    AdminOperation {
        method: Method::DELETE,
        path: "tenants/{domain}",
        id: "removeTenant",
        summary: "Removes an added tenant and closes its own ports. Its name answers 404 from then on.",
        answers: &[(NO_CONTENT, None), GONE, IN_THE_WAY],
        run: |request| request.tenants().remove(request.id).map(|()| AdminReply::NoContent),
        ..USUAL
    },
    AdminOperation {
        path: "openapi.json",
        id: "readDocument",
        summary: "This document.",
        answers: &[(OK, Some("Document"))],
        run: |_| Ok(AdminReply::Ok(document().to_string())),
        ..USUAL
    },
];

/// The document of all operations.
pub(super) fn document() -> Value {
    openapi::document(OPERATIONS)
}

/// The row of a request, and the value of its parameter.
pub(super) fn find<'p>(method: &Method, path: &'p str) -> Option<(&'static AdminOperation, &'p str)> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    OPERATIONS.iter().filter(|operation| operation.method == *method).find_map(|operation| {
        match operation.path.split_once('{') {
            None => (operation.path == path).then_some((operation, "")),
            Some((before, _)) => {
                let id = path.strip_prefix(before).filter(|id| !id.is_empty() && !id.contains('/'))?;
                Some((operation, id))
            }
        }
    })
}
