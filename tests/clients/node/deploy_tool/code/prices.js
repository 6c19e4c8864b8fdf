module.exports = { price: () => 1 };
