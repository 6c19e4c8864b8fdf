//! STAND-IN, never delivered.
use crate::api::Tenant;
use std::fmt;
use std::path::Path;
#[derive(Debug, Clone)]
pub struct Seed;
#[derive(Debug)]
pub struct SeedError(String);
impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for SeedError {}
impl Seed {
    pub fn read(path: &Path) -> Result<Seed, SeedError> {
        let text = std::fs::read_to_string(path).map_err(|e| SeedError(format!("{}: {e}", path.display())))?;
        if text.contains("nonsense") {
            return Err(SeedError(format!("{}: section `nonsense` is not known", path.display())));
        }
        Ok(Seed)
    }
    pub fn sample() -> Seed {
        Seed
    }
    pub fn plant(&self, _tenant: &Tenant) -> Result<(), SeedError> {
        Ok(())
    }
}
