//! Typed ids, and how new ones are made.

use std::fmt;

use shared::time::Millis;

/// Number of a customer. Every function on tenant data takes one first, and it comes from the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(pub i64);

/// Highest number that fits beside 40 bits of log number in a positive 64-bit integer.
pub const MAX_CUSTOMER: i64 = (1 << 23) - 1;

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The two spaces of a customer's logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Space {
    /// Real data.
    #[default]
    Live,
    /// What test keys write and read.
    Test,
}

impl Space {
    /// The space of a stored flag.
    #[must_use]
    pub const fn of(test: bool) -> Self {
        if test { Self::Test } else { Self::Live }
    }

    /// Whether this is the test space.
    #[must_use]
    pub const fn is_test(self) -> bool {
        matches!(self, Self::Test)
    }
}

/// Identity of a log over all customers: `customer << 40 | test << 39 | seq`.
///
/// A customer's logs are one range of ids, so another customer's log cannot be named by a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId(pub i64);

const SEQ_BITS: u32 = 39;
const MAX_SEQ: i64 = (1 << SEQ_BITS) - 1;

impl LogId {
    /// Joins customer, space and number; `None` when the number cannot exist.
    #[must_use]
    pub fn new(customer: CustomerId, space: Space, seq: i64) -> Option<Self> {
        (1..=MAX_SEQ).contains(&seq).then(|| Self(Self::base(customer, space) | seq))
    }

    /// The id below the first of a space.
    #[must_use]
    pub const fn base(customer: CustomerId, space: Space) -> i64 {
        customer.0 << (SEQ_BITS + 1) | (space.is_test() as i64) << SEQ_BITS
    }

    /// The ids of a space, both ends included.
    #[must_use]
    pub const fn range(customer: CustomerId, space: Space) -> (i64, i64) {
        let base = Self::base(customer, space);
        (base + 1, base + MAX_SEQ)
    }

    /// Whose log it is.
    #[must_use]
    pub const fn customer(self) -> CustomerId {
        CustomerId(self.0 >> (SEQ_BITS + 1))
    }

    /// The space that it lies in.
    #[must_use]
    pub const fn space(self) -> Space {
        if self.0 >> SEQ_BITS & 1 == 1 { Space::Test } else { Space::Live }
    }

    /// The number that the customer sees.
    #[must_use]
    pub const fn seq(self) -> i64 {
        self.0 & MAX_SEQ
    }
}

/// Makes a `UUIDv7` (RFC 9562) at an instant.
#[must_use]
pub fn new_id(now: Millis) -> String {
    let random: [u8; 10] = super::crypto::random();
    let ms = u64::try_from(now.0).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid().to_string()
}

/// Makes a `UUIDv7` at an instant whose order within a millisecond is that of `number` (RFC 9562, §6.2, method 1).
#[must_use]
pub fn new_id_in_order(now: Millis, number: u32) -> String {
    let mut bytes: [u8; 10] = super::crypto::random();
    let ms = u64::try_from(now.0).unwrap_or_default();
    // 26 bits: twelve beside the version, six beside the variant, eight.
    let [_, high, middle, low] = (number & 0x03FF_FFFF).to_be_bytes();
    bytes[0] = (number >> 22) as u8 & 0x0F;
    bytes[1] = ((u16::from(high) << 8 | u16::from(middle)) >> 6) as u8;
    bytes[2] = middle & 0x3F;
    bytes[3] = low;
    uuid::Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// ACC-01: ids of different customers and spaces never meet.
        #[test]
        fn ranges_do_not_overlap(a in 1..MAX_CUSTOMER, b in 1..MAX_CUSTOMER, seq in 1..MAX_SEQ) {
            let id = LogId::new(CustomerId(a), Space::Live, seq).unwrap();
            prop_assert!(id.0 > 0);
            prop_assert_eq!((id.customer(), id.space(), id.seq()), (CustomerId(a), Space::Live, seq));
            prop_assert_eq!(LogId::new(CustomerId(a), Space::Test, seq).map(LogId::space), Some(Space::Test));
            let (low, high) = LogId::range(CustomerId(b), Space::Live);
            prop_assert_eq!((low..=high).contains(&id.0), a == b);
            let (low, high) = LogId::range(CustomerId(a), Space::Test);
            prop_assert!(!(low..=high).contains(&id.0));
        }
    }

    /// API-13: ids of one millisecond keep the order in which they were made.
    #[test]
    fn ids_of_a_millisecond_are_in_order() {
        let numbers = [0, 1, 63, 64, 255, 256, 257, 16_383, 16_384, 70_000, 1 << 22, (1 << 26) - 1];
        let ids = numbers.map(|number| new_id_in_order(Millis(1_000), number));
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids[11] < new_id_in_order(Millis(1_001), 0));
        assert!(ids.iter().all(|id| id.parse::<uuid::Uuid>().unwrap().get_version_num() == 7));
    }

    /// ACC-01: numbers that cannot exist name nothing.
    #[test]
    fn impossible_numbers_name_nothing() {
        for seq in [0, -1, MAX_SEQ + 1, i64::MAX, i64::MIN] {
            assert_eq!(LogId::new(CustomerId(1), Space::Live, seq), None);
        }
    }
}
