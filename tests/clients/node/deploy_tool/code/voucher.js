exports.onExecuteCustomTokenExchange = async (event, api) => {};
