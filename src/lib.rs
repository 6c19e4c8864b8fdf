//! m2mock
