//! The five companies of the demonstration. All of them are made up; addresses lie under `.example` and in the
//! networks for documentation (RFC 5737).

use shared::tenancy::Plan;

/// Type of log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A container stands at the gate.
    ContainerArrived,
    /// Pallets have left.
    PalletShipped,
    /// Goods were checked.
    QualityCheck,
    /// An order has moved on.
    TrackTraceUpdate,
    /// Stock was counted.
    InventoryCount,
    /// A dock was in use.
    DockOccupied,
    /// A tour became shorter.
    RouteOptimised,
    /// A vehicle was checked.
    SafetyCheck,
}

impl Kind {
    /// All kinds, in the order of [`Company::kinds`].
    pub const ALL: [Self; 8] = [
        Self::ContainerArrived,
        Self::PalletShipped,
        Self::QualityCheck,
        Self::TrackTraceUpdate,
        Self::InventoryCount,
        Self::DockOccupied,
        Self::RouteOptimised,
        Self::SafetyCheck,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContainerArrived => "container_arrived",
            Self::PalletShipped => "pallet_shipped",
            Self::QualityCheck => "quality_check",
            Self::TrackTraceUpdate => "track_trace_update",
            Self::InventoryCount => "inventory_count",
            Self::DockOccupied => "dock_occupied",
            Self::RouteOptimised => "route_optimised",
            Self::SafetyCheck => "safety_check",
        }
    }
}

/// A town with a warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Amsterdam.
    Amsterdam,
    /// Rotterdam.
    Rotterdam,
    /// Utrecht.
    Utrecht,
    /// Eindhoven.
    Eindhoven,
    /// Venlo.
    Venlo,
}

impl Place {
    /// All towns, in the order of [`Company::places`].
    pub const ALL: [Self; 5] =
        [Self::Amsterdam, Self::Rotterdam, Self::Utrecht, Self::Eindhoven, Self::Venlo];

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Amsterdam => "Amsterdam",
            Self::Rotterdam => "Rotterdam",
            Self::Utrecht => "Utrecht",
            Self::Eindhoven => "Eindhoven",
            Self::Venlo => "Venlo",
        }
    }
}

/// A company of the demonstration.
#[derive(Debug)]
pub struct Company {
    /// Place in [`COMPANIES`]; random streams depend on it.
    pub index: u8,
    /// Name.
    pub name: &'static str,
    /// Contact address.
    pub contact_email: &'static str,
    /// Notes.
    pub company_info: &'static str,
    /// Plan.
    pub plan: Plan,
    /// What its event and order numbers begin with.
    pub prefix: &'static str,
    /// Days of history.
    pub days: i64,
    /// Logs at the usual size; see [`Company::total`].
    pub logs: u64,
    /// Whether its logs follow the size that is asked for.
    pub scales: bool,
    /// Share of each kind, in thousandths.
    pub kinds: [u16; 8],
    /// Share of each town.
    pub places: [u16; 5],
}

/// Logs of all companies at the usual size.
pub const USUAL_LOGS: u64 = 40_000;
/// Index of the largest company.
pub const TRANSLOG: u8 = 0;
/// Index of the second largest.
pub const VANDERMEER: u8 = 1;
/// Index of the one that is over its quota.
pub const ROTTERDAM_CARGO: u8 = 3;
/// Index of the one on trial.
pub const ECOFREIGHT: u8 = 4;

/// The five companies.
pub static COMPANIES: [Company; 5] = [
    Company {
        index: TRANSLOG,
        name: "TransLog Nederland BV",
        contact_email: "operations@translog.example",
        company_info: "Landelijk vervoer en overslag met vijf vestigingen; hoofdkantoor in Venlo.",
        plan: Plan::Enterprise,
        prefix: "TL",
        days: 180,
        logs: 18_313,
        scales: true,
        kinds: [200, 130, 240, 190, 70, 90, 50, 30],
        places: [10, 25, 10, 10, 45],
    },
    Company {
        index: VANDERMEER,
        name: "VanderMeer Logistics",
        contact_email: "planning@vandermeer.example",
        company_info: "Gekoeld vervoer en opslag rond Rotterdam en Eindhoven.",
        plan: Plan::Professional,
        prefix: "VM",
        days: 180,
        logs: 9_500,
        scales: true,
        kinds: [210, 110, 90, 210, 90, 200, 60, 30],
        places: [10, 45, 10, 25, 10],
    },
    Company {
        index: 2,
        name: "SmartChain Solutions",
        contact_email: "info@smartchain.example",
        company_info: "Fulfilment voor webwinkels vanuit Utrecht.",
        plan: Plan::Mkb,
        prefix: "SC",
        days: 180,
        logs: 6_500,
        scales: true,
        kinds: [150, 140, 170, 230, 150, 80, 50, 30],
        places: [20, 10, 50, 10, 10],
    },
    Company {
        index: ROTTERDAM_CARGO,
        name: "Rotterdam Cargo Services",
        contact_email: "balie@rotterdamcargo.example",
        company_info: "Containeroverslag in de haven van Rotterdam.",
        plan: Plan::Starter,
        prefix: "RC",
        days: 180,
        logs: 5_600,
        scales: true,
        kinds: [330, 120, 80, 190, 100, 110, 30, 40],
        places: [5, 80, 5, 5, 5],
    },
    Company {
        index: ECOFREIGHT,
        name: "EcoFreight Europe",
        contact_email: "hallo@ecofreight.example",
        company_info: "Elektrisch stadsvervoer; probeert het product uit.",
        plan: Plan::Demo,
        prefix: "EF",
        days: 9,
        logs: 87,
        scales: false,
        kinds: [150, 150, 90, 250, 80, 60, 180, 40],
        places: [45, 10, 30, 10, 5],
    },
];

impl Company {
    /// Logs of the company when all companies together have `all`. The trial keeps its 87.
    #[must_use]
    pub fn total(&self, all: u64) -> u64 {
        let fixed: u64 = COMPANIES.iter().filter(|company| !company.scales).map(|company| company.logs).sum();
        if !self.scales {
            return self.logs;
        }
        let up_to = |index: u8| -> u64 {
            let before = COMPANIES.iter().filter(|company| company.scales && company.index < index);
            let logs = u128::from(before.map(|company| company.logs).sum::<u64>());
            let scaled = logs * u128::from(all.saturating_sub(fixed)) / u128::from(USUAL_LOGS - fixed);
            u64::try_from(scaled).unwrap_or_default()
        };
        up_to(self.index + 1) - up_to(self.index)
    }

    /// Address that a town sends from.
    #[must_use]
    pub fn address(&self, place: Place) -> String {
        format!("192.0.2.{}", 10 * (u16::from(self.index) + 1) + place as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OPS-12: five companies with the promised plans; their logs add up, whatever the size.
    #[test]
    fn companies_add_up() {
        let sum = |all: u64| COMPANIES.iter().map(|company| company.total(all)).sum::<u64>();
        for all in [1_000, 2_000, 40_000, 41_234, 1_000_000] {
            assert_eq!(sum(all), all);
        }
        for (at, company) in COMPANIES.iter().enumerate() {
            assert_eq!(usize::from(company.index), at);
            assert_eq!(company.total(USUAL_LOGS), company.logs);
            assert_eq!(company.kinds.iter().sum::<u16>(), 1_000, "{}", company.name);
            assert!(company.contact_email.ends_with(".example"));
        }
        assert_eq!(COMPANIES[usize::from(ECOFREIGHT)].total(1_000_000), 87);
        let plans = COMPANIES.iter().map(|company| company.plan.as_str()).collect::<Vec<_>>();
        assert_eq!(plans, ["enterprise", "professional", "mkb", "starter", "demo"]);
    }
}
