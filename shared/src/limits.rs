//! What the plans allow, as one table (product catalogue §4). Every gate reads it.

use serde::{Deserialize, Serialize};

use crate::tenancy::Plan;

/// How often requests may come: a bucket that holds `burst` requests and refills evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rate {
    /// Requests that may come in a minute, for as long as it lasts.
    #[cfg_attr(feature = "openapi", schema(example = 600))]
    pub per_minute: u32,
    /// Requests that may come at once.
    #[cfg_attr(feature = "openapi", schema(example = 300))]
    pub burst: u32,
}

impl Rate {
    /// Milliseconds after which a request that was used is there again.
    #[must_use]
    pub fn interval_ms(self) -> u64 {
        60_000 / u64::from(self.per_minute.max(1))
    }
}

/// What a plan allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Price of a month in euro cents, without VAT.
    pub cents_a_month: i64,
    /// Logs included in a calendar month.
    pub logs_a_month: i64,
    /// Whether recording stops there; otherwise it goes on and what is above is counted.
    pub stops: bool,
    /// Calls by API keys in a calendar month.
    pub api_calls_a_month: i64,
    /// Requests of a key, and of all keys of the customer together.
    pub requests: Rate,
    /// API keys that may be active at the same time.
    pub active_keys: i64,
    /// Searches that may be saved.
    pub saved_searches: i64,
    /// Users, those who are invited as well and those who are disabled not.
    pub users: i64,
}

/// Requests of all people of a customer together: generous, so that a screen never waits for it.
const PEOPLE: Rate = Rate { per_minute: 1_200, burst: 600 };

const fn row(
    cents: i64,
    logs: i64,
    calls: i64,
    (per_minute, burst): (u32, u32),
    active_keys: i64,
    saved_searches: i64,
    users: i64,
) -> Limits {
    Limits {
        cents_a_month: cents,
        logs_a_month: logs,
        stops: false,
        api_calls_a_month: calls,
        requests: Rate { per_minute, burst },
        active_keys,
        saved_searches,
        users,
    }
}

impl Plan {
    /// What the plan allows.
    #[must_use]
    pub const fn limits(self) -> Limits {
        match self {
            Self::Demo => Limits { stops: true, ..row(0, 100, 1_000, (60, 30), 1, 3, 1) },
            Self::Particulier => row(1_900, 500, 5_000, (120, 60), 2, 10, 1),
            Self::Starter => row(2_900, 1_000, 10_000, (240, 120), 3, 20, 3),
            Self::Mkb => row(4_900, 5_000, 50_000, (600, 300), 10, 100, 10),
            Self::Professional => row(9_900, 10_000, 100_000, (1_200, 600), 25, 250, 25),
            Self::Enterprise => row(29_900, 100_000, 1_000_000, (6_000, 3_000), 100, 1_000, 500),
        }
    }

    /// Requests of all people of a customer together.
    #[must_use]
    pub const fn people(self) -> Rate {
        let own = self.limits().requests;
        if own.per_minute > PEOPLE.per_minute { own } else { PEOPLE }
    }

    /// Logs included in a month.
    #[must_use]
    pub const fn logs_included(self) -> i64 {
        self.limits().logs_a_month
    }

    /// Searches that may be saved.
    #[must_use]
    pub const fn saved_searches(self) -> i64 {
        self.limits().saved_searches
    }

    /// Users, those who are invited as well and those who are disabled not.
    #[must_use]
    pub const fn users(self) -> i64 {
        self.limits().users
    }

    /// API keys that may be active at the same time.
    #[must_use]
    pub const fn active_keys(self) -> i64 {
        self.limits().active_keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API-06: the plan table, and that a dearer plan never allows less than a cheaper one.
    #[test]
    fn dearer_plans_allow_more() {
        let told: Vec<_> = Plan::ALL
            .iter()
            .map(|plan| {
                let limits = plan.limits();
                (
                    limits.logs_a_month,
                    limits.api_calls_a_month,
                    limits.requests.per_minute,
                    limits.requests.burst,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (100, 1_000, 60, 30),
                (500, 5_000, 120, 60),
                (1_000, 10_000, 240, 120),
                (5_000, 50_000, 600, 300),
                (10_000, 100_000, 1_200, 600),
                (100_000, 1_000_000, 6_000, 3_000),
            ]
        );
        let stopping: Vec<Plan> = Plan::ALL.into_iter().filter(|plan| plan.limits().stops).collect();
        assert_eq!(stopping, [Plan::Demo]);
        for pair in Plan::ALL.windows(2) {
            let (cheap, dear) = (pair[0].limits(), pair[1].limits());
            assert!(dear.logs_a_month > cheap.logs_a_month && dear.active_keys >= cheap.active_keys);
            assert!(dear.requests.per_minute > cheap.requests.per_minute);
            assert!(dear.cents_a_month > cheap.cents_a_month);
            assert!(pair[1].people().per_minute >= pair[0].people().per_minute);
        }
        // Each interval is a whole number of milliseconds, so that all nodes count alike.
        assert!(Plan::ALL.iter().all(|plan| 60_000 % plan.limits().requests.per_minute == 0));
    }
}
