//! What stands in a log: JSON as a system of the company would send it, made from a slot alone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use shared::logs::Level;

use super::company::{Company, Kind, Place};
use super::json::{Object, comma, day, local, seconds};
use super::links::destination;
use super::rng::Rng;
use super::schedule::{Mark, Slot};
use super::story::{DOCK_MINUTES, NIGHT_ADDRESS, OVERDUE_CARRIER};
use super::words::{CARRIERS, CONSIGNEES, REMARKS, STATUSES, container, plate};
use crate::util::zone::add_days;

const HOUR: i64 = 3_600_000;

/// A log as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The JSON.
    pub data: String,
    /// Address of the sender.
    pub ip: String,
}

/// Makes the log of a slot.
#[must_use]
pub fn render(zone: &TimeZone, company: &Company, slot: &Slot) -> Sent {
    let mut rng = Rng::of(&[slot.seed]);
    let (local, offset) = local(zone, slot.occurred_at);
    let mut out = Object::new();
    out.text("event_id", format_args!("{}-{:06}", company.prefix, slot.number));
    out.text("kind", slot.kind.as_str());
    let scene = Scene { zone, company, slot, at: local };
    let facts = scene.facts(&mut rng);
    out.text("level", facts.level.as_str());
    out.text("message", facts.message);
    match (slot.kind, slot.mark) {
        // Counters send local times, and in the nights of a clock change they know no better.
        (_, Mark::ClockChange) => out.text("occurred_at", format_args!("{} 02:30:00", local.date())),
        (Kind::InventoryCount, _) => {
            out.text("occurred_at", format_args!("{} {}", local.date(), seconds(local)))
        }
        _ => out.text(
            "occurred_at",
            format_args!("{}T{}.{:03}{offset}", local.date(), seconds(local), local.millisecond()),
        ),
    }
    let data = out.join(&facts.members);
    let ip = if slot.mark == Mark::Night { NIGHT_ADDRESS.to_owned() } else { company.address(slot.place) };
    Sent { data, ip }
}

struct Facts {
    level: Level,
    message: String,
    members: Object,
}

struct Scene<'a> {
    zone: &'a TimeZone,
    company: &'a Company,
    slot: &'a Slot,
    at: DateTime,
}

impl Scene<'_> {
    fn facts(&self, rng: &mut Rng) -> Facts {
        let mut members = Object::new();
        members.text("location", self.slot.place.as_str());
        let out = &mut members;
        let (level, message) = match self.slot.kind {
            Kind::ContainerArrived => self.container_arrived(rng, out),
            Kind::PalletShipped => self.pallet_shipped(rng, out),
            Kind::QualityCheck => self.quality_check(rng, out),
            Kind::TrackTraceUpdate => self.track_trace_update(rng, out),
            Kind::InventoryCount => self.inventory_count(rng, out),
            Kind::DockOccupied => self.dock_occupied(rng, out),
            Kind::RouteOptimised => self.route_optimised(rng, out),
            Kind::SafetyCheck => self.safety_check(rng, out),
        };
        Facts { level, message, members }
    }

    fn place(&self) -> &'static str {
        self.slot.place.as_str()
    }

    fn order(&self) -> String {
        format!("{}-ORD-{:06}", self.company.prefix, self.slot.order)
    }

    fn container_arrived(&self, rng: &mut Rng, out: &mut Object) -> (Level, String) {
        let number = container(rng);
        let usual = rng.bell(50.0, 8.0).clamp(20.0, 80.0).round() as i64;
        let tenths = if let Mark::Cold(tenths) = self.slot.mark { i64::from(tenths) } else { usual };
        let degrees = comma(tenths);
        out.text("container", &number);
        out.number("temperature_c", format_args!("{}.{}", tenths / 10, tenths % 10));
        if self.slot.order > 0 {
            out.text("order", self.order());
        }
        let place = self.place();
        match tenths {
            81.. => {
                let level = if tenths >= 120 { Level::Critical } else { Level::Error };
                (
                    level,
                    format!(
                        "Koelketen onderbroken: container {number} in {place} meet {degrees} °C, norm 2 tot 8 °C."
                    ),
                )
            }
            76..=80 => (
                Level::Notice,
                format!("Container {number} aangekomen in {place} met {degrees} °C, dicht bij de grens."),
            ),
            _ => {
                (Level::Info, format!("Container {number} aangekomen in {place}, temperatuur {degrees} °C."))
            }
        }
    }

    fn pallet_shipped(&self, rng: &mut Rng, out: &mut Object) -> (Level, String) {
        let (order, consignee) = (self.order(), rng.pick(&CONSIGNEES));
        let overdue = self.slot.mark == Mark::Overdue;
        let carrier = if overdue { OVERDUE_CARRIER } else { rng.pick(&CARRIERS) };
        let to: Place = if overdue { Place::Venlo } else { destination(self.company, self.slot.order) };
        let expected = add_days(self.at.date(), 1);
        let pallets = rng.range(1, 26);
        let noun = if pallets == 1 { "pallet" } else { "pallets" };
        out.text("order", &order);
        out.text("customer", consignee);
        out.text("destination", to.as_str());
        out.text("carrier", carrier);
        out.number("pallets", pallets);
        out.text("expected_date", expected);
        (
            Level::Info,
            format!(
                "Order {order} met {pallets} {noun} verzonden naar {consignee}, verwacht op {}.",
                day(expected)
            ),
        )
    }

    fn quality_check(&self, rng: &mut Rng, out: &mut Object) -> (Level, String) {
        let (order, place) = (self.order(), self.place());
        out.text("order", &order);
        if self.slot.mark == Mark::Reject {
            let remark = rng.pick(&REMARKS);
            out.text("result", "AFKEUR");
            out.text("remark", remark);
            return (
                Level::Warning,
                format!("Kwaliteitscontrole van order {order} in {place}: AFKEUR ({remark})."),
            );
        }
        out.text("result", "GOEDGEKEURD");
        (Level::Info, format!("Kwaliteitscontrole van order {order} in {place}: GOEDGEKEURD."))
    }

    fn track_trace_update(&self, rng: &mut Rng, out: &mut Object) -> (Level, String) {
        let (order, status) = (self.order(), STATUSES[rng.weighted(&[45, 25, 18, 12])]);
        out.text("order", &order);
        out.text("status", status);
        if status == "afgeleverd" {
            return (Level::Info, format!("Order {order} is afgeleverd in {}.", self.place()));
        }
        let quarter = HOUR / 4;
        let eta = self.slot.occurred_at + rng.range(2, 40) * quarter;
        let (eta, offset) = local(self.zone, eta / quarter * quarter);
        out.text("eta", format_args!("{}T{}{offset}", eta.date(), seconds(eta)));
        let time = format!("{:02}:{:02}", eta.hour(), eta.minute());
        (Level::Info, format!("Order {order} is {status}, verwacht op {} om {time}.", day(eta.date())))
    }

    fn inventory_count(&self, rng: &mut Rng, out: &mut Object) -> (Level, String) {
        let aisle = format!("{}-{:02}", char::from(rng.pick(b"ABCDEFGH")), rng.range(1, 40));
        let units = rng.range(40, 2_400);
        let delta = rng.bell(0.0, 9.0).round() as i64;
        out.text("aisle", &aisle);
        out.number("units", units);
        out.number("delta", delta);
        let what = if self.slot.mark == Mark::StockCount { "Kwartaaltelling" } else { "Telling" };
        let place = self.place();
        let verdict = match delta {
            0 => "klopt met de administratie".to_owned(),
            -1 | 1 => "1 stuk verschil".to_owned(),
            _ => format!("{} stuks verschil", delta.abs()),
        };
        let level = if delta.abs() > 20 { Level::Warning } else { Level::Info };
        (level, format!("{what} in {place}, vak {aisle}: {units} stuks, {verdict}."))
    }

    fn dock_occupied(&self, rng: &mut Rng, out: &mut Object) -> (Level, String) {
        let dock = format!("D{}", rng.range(1, 8));
        let permille = if let Mark::Drift(permille) = self.slot.mark { permille } else { 1_000 };
        let minutes =
            (rng.bell(DOCK_MINUTES, 5.0) * f64::from(permille) / 1_000.0).round().clamp(10.0, 120.0);
        let efficiency = (128.0 - minutes + rng.bell(0.0, 2.0)).round().clamp(75.0, 98.0);
        out.text("dock", &dock);
        out.number("minutes", minutes);
        out.number("efficiency_pct", efficiency);
        let level = if minutes > 58.0 { Level::Notice } else { Level::Info };
        let place = self.place();
        (level, format!("Dock {dock} in {place} was {minutes} minuten bezet, benutting {efficiency} %."))
    }

    fn route_optimised(&self, rng: &mut Rng, out: &mut Object) -> (Level, String) {
        let (vehicle, saved) = (plate(self.company, rng), rng.range(5, 50));
        out.text("vehicle", &vehicle);
        out.number("saved_km", saved);
        (Level::Info, format!("Route van {vehicle} vanuit {} ingekort met {saved} km.", self.place()))
    }

    fn safety_check(&self, rng: &mut Rng, out: &mut Object) -> (Level, String) {
        let vehicle = plate(self.company, rng);
        let good = !rng.per_mille(40);
        let next = add_days(self.at.date(), if good { 182 } else { 7 });
        out.text("vehicle", &vehicle);
        out.text("result", if good { "GOEDGEKEURD" } else { "HERKEUR" });
        out.text("next_date", next);
        if good {
            (Level::Info, format!("Veiligheidscontrole van {vehicle}: goedgekeurd tot {}.", day(next)))
        } else {
            (
                Level::Warning,
                format!("Veiligheidscontrole van {vehicle}: herkeuring nodig voor {}.", day(next)),
            )
        }
    }
}
