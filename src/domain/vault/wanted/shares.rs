//! How the key of a Vault is split.

use crate::domain::text_type::InvalidText;

/// The most shares that Shamir's scheme over one byte gives.
const MOST: u32 = 255;

/// Into how many shares the key is split, and how many of them unseal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyShares {
    shares: u8,
    threshold: u8,
}

impl KeyShares {
    /// Proves that a key can be split so, and that it is safe: 2 ≤ threshold ≤ shares ≤ 255, or 1 of 1 where `single`
    /// says that it is meant.
    ///
    /// # Errors
    ///
    /// When it can not, or is not.
    pub fn new(shares: u32, threshold: u32, single: bool) -> Result<Self, InvalidText> {
        let refuse = |message: String| Err(InvalidText(message));
        if shares == 1 && threshold == 1 && !single {
            return refuse(
                "1 share of 1 lets a single person open the Vault: say `single-share: true` if that is meant"
                    .to_owned(),
            );
        }
        let is_safe = (2..=shares).contains(&threshold) || (shares, threshold) == (1, 1);
        let fits = (u8::try_from(shares), u8::try_from(threshold));
        match fits {
            (Ok(shares), Ok(threshold)) if is_safe => Ok(Self { shares, threshold }),
            _ => refuse(format!(
                "{threshold} of {shares} shares can not be: the threshold is at least 2 and at most the number of shares, which is at most {MOST}"
            )),
        }
    }

    /// How many shares there are.
    #[must_use]
    pub fn shares(self) -> u8 {
        self.shares
    }

    /// How many of them unseal.
    #[must_use]
    pub fn threshold(self) -> u8 {
        self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_split_only_into_what_is_safe() {
        for (shares, threshold, single, is_right) in [
            (5, 3, false, true),
            (2, 2, false, true),
            (255, 255, false, true),
            (1, 1, true, true),
            (1, 1, false, false),
            (5, 1, true, false),
            (5, 1, false, false),
            (3, 4, false, false),
            (256, 3, false, false),
            (0, 0, true, false),
            (1, 0, true, false),
            (300, 300, false, false),
        ] {
            let found = KeyShares::new(shares, threshold, single);
            assert_eq!(found.is_ok(), is_right, "{shares} {threshold} {single}: {found:?}");
        }
    }
}
