//! One execution in one engine.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use rquickjs::promise::PromiseState;
use rquickjs::{CaughtError, Context, Ctx, Error, Function, Object, Promise, Runtime};
use serde_json::{Map, Value, json};

use super::changes::Changes;
use super::host::Host;
use super::{Failure, Module, Script};

const PRELUDE: &str = include_str!("prelude.js");

/// The stack of the code, in bytes. The thread has more.
const STACK: usize = 1 << 20;

/// The end of an execution on the machine's clock, if there is one.
#[derive(Clone, Copy)]
pub(super) struct Deadline(pub(super) Option<Instant>);

impl Deadline {
    fn is_reached(self) -> bool {
        self.0.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// Runs a script on this thread. It ends soon after the deadline, unless a built-in function runs longer.
pub(super) fn execute(script: &Script, memory: usize, deadline: Deadline) -> Changes {
    let host = Host::of(script);
    let is_late = Rc::new(Cell::new(false));
    let failure = in_new_engine(script, &host, memory, deadline, &is_late);
    let mut changes = host.take();
    changes.failure = if is_late.get() || deadline.is_reached() { Some(Failure::TimeLimit) } else { failure };
    changes
}

fn in_new_engine(
    script: &Script,
    host: &Host,
    memory: usize,
    deadline: Deadline,
    is_late: &Rc<Cell<bool>>,
) -> Option<Failure> {
    let no_memory = |_: Error| Failure::Threw("InternalError: out of memory".to_owned());
    let runtime = Runtime::new().map_err(no_memory);
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(failure) => return Some(failure),
    };
    // Zero would mean no limit.
    runtime.set_memory_limit(memory.max(1));
    runtime.set_max_stack_size(STACK);
    let late = Rc::clone(is_late);
    runtime.set_interrupt_handler(Some(Box::new(move || {
        late.set(late.get() || deadline.is_reached());
        late.get()
    })));
    let context = match Context::full(&runtime).map_err(no_memory) {
        Ok(context) => context,
        Err(failure) => return Some(failure),
    };
    context.with(|ctx| {
        let started = start(&ctx, script, host);
        let ended = started.and_then(|promise| settle(&ctx, &promise, deadline, is_late));
        match ended {
            Ok(settled) => settled,
            Err(error) => Some(Failure::Threw(host.redacted(&thrown(&ctx, error)))),
        }
    })
}

/// Calls the function of the Action.
fn start<'js>(ctx: &Ctx<'js>, script: &Script, host: &Host) -> Result<Promise<'js>, Error> {
    let prelude: Function<'js> = ctx.eval(PRELUDE)?;
    let input: Object<'js> = ctx.json_parse(input(script).to_string())?.get()?;
    let run: Function<'js> = prelude.call((host.object(ctx)?, input))?;
    run.call(())
}

/// The input of `prelude.js`.
fn input(script: &Script) -> Value {
    let name = |module: &Module| format!("actions:{}", module.name);
    let found = match script.modules.as_slice() {
        [] => "The Action has no modules.".to_owned(),
        modules => format!("The modules of the Action: {}.", modules.iter().map(name).collect::<Vec<_>>().join(", ")),
    };
    let member = |module: &Module| (name(module), json!({ "code": module.code, "secrets": module.secrets }));
    let modules: Map<String, Value> = script.modules.iter().map(member).collect();
    json!({
        "code": script.code, "event": script.event, "found": found, "modules": modules, "now": script.now,
    })
}

/// Runs jobs until the function has returned.
fn settle(
    ctx: &Ctx<'_>,
    promise: &Promise<'_>,
    deadline: Deadline,
    is_late: &Cell<bool>,
) -> Result<Option<Failure>, Error> {
    while promise.state() == PromiseState::Pending {
        is_late.set(is_late.get() || deadline.is_reached());
        if is_late.get() || !ctx.execute_pending_job() {
            return Ok(Some(Failure::NeverSettled));
        }
    }
    promise.result::<()>().transpose().map(|_| None)
}

/// The name, the message and the place of an error.
fn thrown(ctx: &Ctx<'_>, error: Error) -> String {
    match CaughtError::from_error(ctx, error) {
        CaughtError::Exception(exception) => {
            let name = exception.as_object().get::<_, String>("name").unwrap_or_else(|_| "Error".to_owned());
            let message = exception.message().unwrap_or_default();
            let stack = exception.stack().unwrap_or_default();
            let place = stack.lines().map(str::trim).find(|line| !line.is_empty() && !line.contains("eval_script"));
            match place {
                Some(place) => format!("{name}: {message} ({place})"),
                None => format!("{name}: {message}"),
            }
        }
        CaughtError::Value(value) if value.is_null() => {
            "null, which the engine throws when no memory is left".to_owned()
        }
        CaughtError::Value(value) => match ctx.json_stringify(value) {
            Ok(Some(text)) => text.to_string().unwrap_or_default(),
            _ => "a value that is no error".to_owned(),
        },
        CaughtError::Error(error) => error.to_string(),
    }
}
