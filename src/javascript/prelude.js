// The environment of an Action: `event`, `api`, `console`, `require`, and the clock of the tenant. It returns the function
// that runs the Action. `host` has the functions of the tenant. Code of the Action may replace built-in objects, so this
// file keeps what it uses after the Action was loaded.
(function (host, input) {
  'use strict';
  const { code, event, found, modules, now } = input;
  const { Error, String, TypeError } = globalThis;
  const { stringify } = JSON;
  const { hasOwn } = Object;
  const { construct } = Reflect;
  const AsyncFunction = (async () => {}).constructor;
  const { hasInstance } = Symbol;
  const isAsync = Function.prototype[hasInstance].bind(AsyncFunction);
  const isError = Function.prototype[hasInstance].bind(Error);

  const MachineDate = Date;
  MachineDate.now = () => now;
  globalThis.Date = new Proxy(MachineDate, {
    apply: () => new MachineDate(now).toString(),
    construct: (date, values, target) => construct(date, values.length === 0 ? [now] : values, target),
  });
  MachineDate.prototype.constructor = globalThis.Date;
  Math.random = host.random;

  const shown = (value) => {
    if (typeof value !== 'object' || value === null) return String(value);
    if (isError(value)) return `${value.name}: ${value.message}`;
    try {
      return stringify(value) ?? '[object]';
    } catch {
      return '[object]';
    }
  };
  const log = (...values) => {
    let line = '';
    for (let at = 0; at < values.length; at += 1) line += (at === 0 ? '' : ' ') + shown(values[at]);
    host.log(line);
  };
  globalThis.console = { debug: log, error: log, info: log, log, warn: log };

  const fails = (name, hint) => {
    const place = `m2mock has no packages and no modules of Node.js. ${hint}`;
    const error = new Error(`Cannot find module '${shown(name)}': ${place}`);
    error.code = 'MODULE_NOT_FOUND';
    throw error;
  };
  const loaded = { __proto__: null };
  const requireInModule = (name) => fails(name, 'A module of Actions cannot require another one.');
  const requireInAction = (name) => {
    if (!hasOwn(modules, name)) fails(name, found);
    if (loaded[name] === undefined) {
      const { code, secrets } = modules[name];
      const own = { exports: {} };
      host.compileModule(name, code)(own.exports, requireInModule, own, { secrets });
      loaded[name] = own;
    }
    return loaded[name].exports;
  };

  const api = {
    access: { deny: (denial, reason) => (host.deny(denial, reason), api) },
    accessToken: { setCustomClaim: (name, value) => (host.setCustomClaim(name, value), api) },
    cache: {
      delete: (key) => host.cacheDelete(key),
      get: (key) => host.cacheGet(key),
      set: (key, value, options) => host.cacheSet(key, value, options?.ttl, options?.expires_at),
    },
    transaction: {
      addTargetScope: (scope) => (host.addTargetScope(scope), api),
      clearTargetScopes: () => (host.setTargetScopes([]), api),
      removeTargetScope: (scope) => (host.removeTargetScope(scope), api),
      setTargetScopes: (scopes) => (host.setTargetScopes(scopes), api),
    },
  };

  return async () => {
    const own = { exports: {} };
    host.compileAction(code)(own.exports, requireInAction, own);
    const handler = own.exports?.onExecuteCredentialsExchange;
    if (typeof handler !== 'function' || !isAsync(handler)) {
      throw new TypeError('The Action exports no async function with the name onExecuteCredentialsExchange');
    }
    await handler(event, api);
  };
})
