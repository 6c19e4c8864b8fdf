//! The location of a value in the checked document.

use std::fmt;

/// The location of a value in the checked document.
pub(super) enum InstanceLocation<'a> {
    Root,
    Property(&'a InstanceLocation<'a>, &'a str),
    Item(&'a InstanceLocation<'a>, usize),
}

impl<'a> InstanceLocation<'a> {
    /// The steps from the root to the location.
    pub(super) fn steps(&self) -> Vec<Step<'a>> {
        match *self {
            InstanceLocation::Root => Vec::new(),
            InstanceLocation::Property(parent, name) => parent.then(Step::Member(name)),
            InstanceLocation::Item(parent, index) => parent.then(Step::Item(index)),
        }
    }

    fn then(&self, step: Step<'a>) -> Vec<Step<'a>> {
        let mut steps = self.steps();
        steps.push(step);
        steps
    }
}

/// `groups[0].email`; the root is empty.
impl fmt::Display for InstanceLocation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstanceLocation::Root => Ok(()),
            InstanceLocation::Property(InstanceLocation::Root, name) => f.write_str(name),
            InstanceLocation::Property(parent, name) => write!(f, "{parent}.{name}"),
            InstanceLocation::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A step from an object or a list to a member or an item.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Member(&'a str),
    Item(usize),
}
