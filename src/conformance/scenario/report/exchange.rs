//! The exchange of a failed step, without secrets.

use super::model::ReportedExchange;
use crate::conformance::cleanup::HttpExchange;
use crate::conformance::http::REDACTED;
use crate::redaction;

/// A request with its answer, for a report.
pub(super) fn reported(HttpExchange { request, answer }: &HttpExchange) -> ReportedExchange {
    let target = request.path();
    let path = target.split('?').next().unwrap_or_default();
    let body = redaction::body(&request.body, request.media_type(), path, REDACTED);
    ReportedExchange {
        request: format!("{} {}", request.method, redaction::target(target, REDACTED)),
        body: (!body.is_null()).then(|| format!("{body:#}")),
        answer: match answer {
            Err(_) => "no answer".to_owned(),
            Ok(answer) if answer.body.is_null() => answer.to_string(),
            Ok(answer) => {
                let mut body = answer.body.clone();
                redaction::value(&mut body, path, REDACTED);
                format!("{}\n{body:#}", answer.status)
            }
        },
    }
}
