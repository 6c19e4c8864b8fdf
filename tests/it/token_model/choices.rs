//! Choices read off a tape of bytes: lower bytes choose what is simpler, and a tape that has run out is all zeros, so that
//! a shrunk tape is a simple story.

pub struct Choices<'t> {
    tape: std::slice::Iter<'t, u8>,
}

impl<'t> Choices<'t> {
    pub fn from(tape: &'t [u8]) -> Self {
        Choices { tape: tape.iter() }
    }

    fn byte(&mut self) -> usize {
        self.tape.next().copied().unwrap_or(0).into()
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.byte() * end / 256
    }

    /// True in so many of a hundred cases; false is simpler.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.byte() * 100 >= (100 - percent) * 256
    }

    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// One of them, if there are any.
    pub fn any_of<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len().max(1)))
    }

    /// One of them by its weight.
    pub fn weighted<T: Clone>(&mut self, choices: &[(usize, T)]) -> T {
        let total: usize = choices.iter().map(|(weight, _)| weight).sum();
        let mut place = self.below(total);
        for (weight, choice) in choices {
            match place.checked_sub(*weight) {
                None => return choice.clone(),
                Some(rest) => place = rest,
            }
        }
        choices[0].1.clone()
    }

    pub fn some_of(&mut self, choices: &[&str]) -> Vec<String> {
        let bits = self.byte();
        choices
            .iter()
            .enumerate()
            .filter(|(number, _)| bits >> number & 1 == 1)
            .map(|(_, text)| text.to_string())
            .collect()
    }
}
