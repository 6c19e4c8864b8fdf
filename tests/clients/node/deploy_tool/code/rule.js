function note(user, context, callback) {
    callback(null, user, context);
}
