//! The end of a request.

/// How a request ends if all is well.
pub enum Ends {
    /// With an answer.
    Answered,
    /// With an answer or the end of the connection, after its client has said that nothing more comes.
    AnsweredOrClosed,
    /// With so many answers, after which the server closes.
    AnsweredTimes(usize),
}
