//! Names and numbers that logs are about. Carriers, consignees and number plates are made up.

use super::company::Company;
use super::rng::Rng;

/// Who receives goods.
pub const CONSIGNEES: [&str; 12] = [
    "Bakkerij De Gouden Aar",
    "Groothandel Waterlinie",
    "Supermarkt Het Dorpsplein",
    "Apotheek De Linde",
    "Bloemenhal Poldergroen",
    "Bouwmarkt Steenhof",
    "Boekhandel Letterland",
    "Fietswinkel Trapwerk",
    "Restaurantketen Aan Tafel",
    "Ziekenhuis Maasoever",
    "Tuincentrum Groenrijk Zuid",
    "Elektrogroothandel Voltage",
];

/// Who carries them.
pub const CARRIERS: [&str; 5] = [
    "Rijnlijn Wegvervoer",
    "Noorderwind Transport",
    super::story::OVERDUE_CARRIER,
    "Delta Stadsdistributie",
    "Peelland Express",
];

/// Why a check ends in a reject.
pub const REMARKS: [&str; 5] = [
    "hercontrole",
    "verpakking beschadigd",
    "etiket onleesbaar",
    "aantal wijkt af",
    "temperatuur te hoog geweest",
];

/// Where an order may be.
pub const STATUSES: [&str; 4] = ["onderweg", "afgeleverd", "in behandeling", "gereed voor verzending"];

/// Owner codes of containers; none of them is registered to a carrier that we know of.
const OWNERS: [&str; 5] = ["MVXU", "TLQU", "VDQU", "NLQU", "RQCU"];

/// Makes a container number (ISO 6346). Serial numbers whose check digit would be 10 are passed over, as the
/// standard recommends.
#[must_use]
pub fn container(rng: &mut Rng) -> String {
    let owner = rng.pick(&OWNERS);
    loop {
        let serial = rng.below(1_000_000);
        let body = format!("{owner}{serial:06}");
        if let Some(digit) = check_digit(&body).filter(|digit| *digit < 10) {
            return format!("{body}{digit}");
        }
    }
}

/// The check digit of the first ten characters of a container number (ISO 6346, annex A), from 0 to 10.
#[must_use]
pub fn check_digit(body: &str) -> Option<u32> {
    let mut sum = 0;
    for (at, c) in body.chars().enumerate() {
        let value = match c {
            '0'..='9' => c.to_digit(10)?,
            // Letters count from 10; 11, 22 and 33 are passed over.
            'A'..='Z' => {
                let plain = c.to_digit(36)?;
                plain + (plain - 1) / 10
            }
            _ => return None,
        };
        sum += value << at;
    }
    (body.len() == 10).then_some(sum % 11)
}

/// The number plate of one of a company's vehicles. Dutch plates have no Q, so nobody drives around with it.
#[must_use]
pub fn plate(company: &Company, rng: &mut Rng) -> String {
    let vehicle = rng.below(18);
    let mut own = Rng::of(&[u64::from(company.index), vehicle, 3]);
    let letter = |rng: &mut Rng| char::from(rng.pick(b"BDFGHJKLNPRSTVXZ"));
    let (first, last) = (letter(&mut own), letter(&mut own));
    format!("{:02}-{first}Q{last}-{}", own.range(1, 99), own.range(1, 9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::company::COMPANIES;

    /// OPS-12: container numbers carry the check digit of ISO 6346.
    #[test]
    fn container_numbers_are_valid() {
        for (body, digit) in [("CSQU305438", 3), ("MSKU907032", 3), ("TEXU307007", 9), ("HLXU200841", 9)] {
            assert_eq!(check_digit(body), Some(digit), "{body}");
        }
        assert_eq!(check_digit("CSQU30543"), None);
        assert_eq!(check_digit("csqu305438"), None);
        let mut rng = Rng::of(&[1]);
        for _ in 0..2_000 {
            let number = container(&mut rng);
            let (body, digit) = number.split_at(10);
            assert_eq!(check_digit(body).map(|digit| digit.to_string()).as_deref(), Some(digit), "{number}");
        }
    }

    /// OPS-12: plates look Dutch and cannot exist.
    #[test]
    fn plates_cannot_exist() {
        let mut rng = Rng::of(&[2]);
        let plates: std::collections::HashSet<String> =
            (0..500).map(|_| plate(&COMPANIES[0], &mut rng)).collect();
        assert!(plates.len() <= 18 && plates.len() > 10, "a fleet has a size");
        assert!(plates.iter().all(|plate| plate.len() == 8 && plate.as_bytes()[4] == b'Q'), "{plates:?}");
    }
}
