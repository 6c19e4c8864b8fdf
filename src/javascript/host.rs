//! The functions that the environment of an Action calls (`prelude.js`).

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rquickjs::context::EvalOptions;
use rquickjs::function::{Func, Opt};
use rquickjs::{Array, Coerced, Ctx, Exception, FromJs, Function, Object, Result, Value};

use super::Script;
use super::changes::{Change, Changes};
use crate::domain::DenyCode;
use crate::domain::action_cache::{ActionCache, CacheFault, CacheRecord, Lifetime};
use crate::redaction::SecretValues;

/// The text that replaces a secret.
pub(super) const MASK: &str = "…";

/// What the functions share with the caller.
#[derive(Clone)]
pub(super) struct Host {
    changes: Rc<RefCell<Changes>>,
    secrets: Rc<SecretValues>,
    cache: Arc<Mutex<ActionCache>>,
    now: i64,
    random_seed: u64,
}

impl Host {
    pub(super) fn of(script: &Script) -> Host {
        Host {
            changes: Rc::default(),
            secrets: Rc::new(script.secrets.clone()),
            cache: Arc::clone(&script.cache),
            now: script.now,
            random_seed: script.random_seed,
        }
    }

    /// The output so far.
    pub(super) fn take(&self) -> Changes {
        self.changes.take()
    }

    /// A text without secrets.
    pub(super) fn redacted(&self, text: &str) -> String {
        self.secrets.redact(text, MASK).into_owned()
    }

    /// The object with the functions.
    pub(super) fn object<'js>(&self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx.clone())?;
        self.add_compilers(&object)?;
        self.add_api(&object)?;
        self.add_cache(&object)?;
        let host = self.clone();
        let log = move |ctx: Ctx<'js>, line: Value<'js>| {
            if !host.changes.borrow().console_is_full() {
                let line = text(&ctx, line)?;
                host.changes.borrow_mut().log(&host.redacted(&line));
            }
            Ok::<(), rquickjs::Error>(())
        };
        object.set("log", Func::from(log))?;
        let random = RefCell::new(fastrand::Rng::with_seed(self.random_seed));
        object.set("random", Func::from(move || random.borrow_mut().f64()))?;
        Ok(object)
    }

    fn add_compilers<'js>(&self, object: &Object<'js>) -> Result<()> {
        let compile = |ctx: Ctx<'js>, name: String, parameters: &str, code: &str| -> Result<Function<'js>> {
            let mut options = EvalOptions::default();
            options.strict = false;
            options.filename = Some(name);
            // The code begins in the first line, so that the lines of errors are right.
            ctx.eval_with_options(format!("(function ({parameters}) {{{code}\n}})"), options)
        };
        let action = move |ctx, code: String| compile(ctx, "action.js".to_owned(), "exports, require, module", &code);
        object.set("compileAction", Func::from(action))?;
        let module =
            move |ctx, name: String, code: String| compile(ctx, name, "exports, require, module, actions", &code);
        object.set("compileModule", Func::from(module))
    }

    fn add_api<'js>(&self, object: &Object<'js>) -> Result<()> {
        let host = self.clone();
        let deny = move |ctx: Ctx<'js>, code: Value<'js>, reason: Opt<Value<'js>>| {
            let code = text(&ctx, code)?;
            let reason = reason.0.filter(|reason| !reason.is_undefined());
            let reason = reason.map(|reason| text(&ctx, reason)).transpose()?.unwrap_or_default();
            let Some(code) = DenyCode::parse(&code) else {
                let codes = DenyCode::ALL.map(DenyCode::as_str).join(", ");
                return Err(Exception::throw_type(&ctx, &format!("The code of a denial is one of: {codes}")));
            };
            host.add(&ctx, reason.len(), || Ok(Change::Deny { code, reason }))
        };
        object.set("deny", Func::from(deny))?;

        let host = self.clone();
        let set_custom_claim = move |ctx: Ctx<'js>, name: Value<'js>, value: Opt<Value<'js>>| {
            let name = text(&ctx, name)?;
            // A value that JSON does not have is no claim.
            let Some(json) = value.0.map(|value| ctx.json_stringify(value)).transpose()?.flatten() else {
                return Ok(());
            };
            let json = json.to_string()?;
            host.add(&ctx, name.len() + json.len(), || {
                let value = serde_json::from_str(&json).map_err(|error| {
                    Exception::throw_type(&ctx, &format!("The value of the claim {name} cannot be stored: {error}"))
                })?;
                Ok(Change::SetCustomClaim { name, value })
            })
        };
        object.set("setCustomClaim", Func::from(set_custom_claim))?;

        for (name, change) in [
            ("addTargetScope", Change::AddTargetScope as fn(String) -> Change),
            ("removeTargetScope", Change::RemoveTargetScope),
        ] {
            let host = self.clone();
            let function = move |ctx: Ctx<'js>, scope: Value<'js>| {
                let scope = text(&ctx, scope)?;
                host.add(&ctx, scope.len(), || Ok(change(scope)))
            };
            object.set(name, Func::from(function))?;
        }
        let host = self.clone();
        let set_target_scopes = move |ctx: Ctx<'js>, scopes: Array<'js>| {
            let mut all = Vec::new();
            for scope in scopes.iter::<Value<'js>>() {
                let scope = text(&ctx, scope?)?;
                host.reserve(&ctx, scope.len())?;
                all.push(scope);
            }
            host.add(&ctx, 0, || Ok(Change::SetTargetScopes(all)))
        };
        object.set("setTargetScopes", Func::from(set_target_scopes))
    }

    fn add_cache<'js>(&self, object: &Object<'js>) -> Result<()> {
        let host = self.clone();
        let get = move |ctx: Ctx<'js>, key: Value<'js>| {
            let key = text(&ctx, key)?;
            let record = host.cache().get(&key, host.now).cloned();
            record.map(|record| record_object(&ctx, &record)).transpose()
        };
        object.set("cacheGet", Func::from(get))?;

        let host = self.clone();
        let set = move |ctx: Ctx<'js>,
                        key: Value<'js>,
                        value: Value<'js>,
                        ttl: Opt<Value<'js>>,
                        expires_at: Opt<Value<'js>>| {
            let (key, value) = (text(&ctx, key)?, text(&ctx, value)?);
            let lifetime = Lifetime { ttl: number(ttl), expires_at: number(expires_at) };
            let stored = host.cache().set(&key, &value, lifetime, host.now);
            write_result(&ctx, stored.map(Some))
        };
        object.set("cacheSet", Func::from(set))?;

        let host = self.clone();
        let delete = move |ctx: Ctx<'js>, key: Value<'js>| {
            let key = text(&ctx, key)?;
            let deleted = host.cache().delete(&key, host.now);
            write_result(&ctx, deleted.map(|()| None))
        };
        object.set("cacheDelete", Func::from(delete))
    }

    fn reserve(&self, ctx: &Ctx<'_>, bytes: usize) -> Result<()> {
        if self.changes.borrow_mut().reserve(bytes) {
            return Ok(());
        }
        Err(Exception::throw_range(ctx, "The Action changes more than a token can hold"))
    }

    /// Adds a call of this size.
    fn add(&self, ctx: &Ctx<'_>, bytes: usize, change: impl FnOnce() -> Result<Change>) -> Result<()> {
        self.reserve(ctx, bytes)?;
        let change = change()?;
        self.changes.borrow_mut().calls.push(change);
        Ok(())
    }

    fn cache(&self) -> MutexGuard<'_, ActionCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text of a value, as `String(value)` has it.
fn text<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<String> {
    Ok(Coerced::<String>::from_js(ctx, value)?.0)
}

/// An option of the cache. A value that is no number becomes one that is refused.
fn number(value: Opt<Value<'_>>) -> Option<f64> {
    value.0.filter(|value| !value.is_undefined()).map(|value| value.as_number().unwrap_or(f64::NAN))
}

fn record_object<'js>(ctx: &Ctx<'js>, record: &CacheRecord) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("value", record.value.as_str())?;
    #[expect(clippy::cast_precision_loss, reason = "a time in milliseconds")]
    object.set("expires_at", record.expires_at as f64)?;
    Ok(object)
}

fn write_result<'js>(
    ctx: &Ctx<'js>,
    written: std::result::Result<Option<CacheRecord>, CacheFault>,
) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    match written {
        Ok(record) => {
            object.set("type", "success")?;
            if let Some(record) = record {
                object.set("record", record_object(ctx, &record)?)?;
            }
        }
        Err(fault) => {
            object.set("type", "error")?;
            object.set("code", fault.as_str())?;
        }
    }
    Ok(object)
}
