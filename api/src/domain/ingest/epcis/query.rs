//! Parameters of a query: each becomes an exact condition and a term for the word index. Pure.

use shared::problem::Code;
use shared::query::{Expr, Mode, Query as SearchQuery, Test, Text};
use shared::time::Millis;

use super::filter::{Compare, Condition, any_of, term};
use super::{EXTENDED, STANDARD, TYPES, kind};
use crate::domain::ingest::unreadable;
use crate::domain::logs::finder::Order;
use crate::domain::logs::model::Source;
use crate::domain::logs::service::Asked;
use crate::http::params::{Params, invalid};
use crate::http::problem::{Answer, Problem};

/// Events on a page unless more are asked for, and the most.
const DEFAULT_PAGE: i64 = 30;
const MAX_PAGE: i64 = 1_000;
/// Most values of one parameter, and the longest.
const MAX_VALUES: usize = 50;
const MAX_VALUE_BYTES: usize = 1_024;

/// Parameters that ask for values: names, members that may hold them, and how they are compared. A location counts with
/// all that lies within it (`WD_`); without master data that is the location itself.
const VALUES: &[(&str, &[&str], Compare)] = &[
    ("EQ_action", &["action"], Compare::Exact),
    ("EQ_bizStep", &["bizStep"], Compare::Vocabulary),
    ("EQ_disposition", &["disposition"], Compare::Vocabulary),
    ("EQ_persistentDisposition_set", &["persistentDisposition.set"], Compare::Vocabulary),
    ("EQ_persistentDisposition_unset", &["persistentDisposition.unset"], Compare::Vocabulary),
    ("EQ_readPoint", &["readPoint.id"], Compare::Exact),
    ("WD_readPoint", &["readPoint.id"], Compare::Exact),
    ("EQ_bizLocation", &["bizLocation.id"], Compare::Exact),
    ("WD_bizLocation", &["bizLocation.id"], Compare::Exact),
    ("EQ_transformationID", &["transformationID"], Compare::Exact),
    ("EQ_eventID", &["eventID", "id"], Compare::Exact),
    ("EQ_errorReason", &["errorDeclaration.reason"], Compare::Vocabulary),
    ("EQ_correctiveEventID", &["errorDeclaration.correctiveEventIDs"], Compare::Exact),
    ("MATCH_epc", &["epcList", "childEPCs"], Compare::Pattern),
    ("MATCH_parentID", &["parentID"], Compare::Pattern),
    ("MATCH_childEPC", &["childEPCs"], Compare::Pattern),
    ("MATCH_inputEPC", &["inputEPCList"], Compare::Pattern),
    ("MATCH_outputEPC", &["outputEPCList"], Compare::Pattern),
    (
        "MATCH_anyEPC",
        &["epcList", "childEPCs", "parentID", "inputEPCList", "outputEPCList"],
        Compare::Pattern,
    ),
    ("MATCH_epcClass", &["quantityList.epcClass", "childQuantityList.epcClass"], Compare::Pattern),
    ("MATCH_inputEPCClass", &["inputQuantityList.epcClass"], Compare::Pattern),
    ("MATCH_outputEPCClass", &["outputQuantityList.epcClass"], Compare::Pattern),
    (
        "MATCH_anyEPCClass",
        &[
            "quantityList.epcClass",
            "childQuantityList.epcClass",
            "inputQuantityList.epcClass",
            "outputQuantityList.epcClass",
        ],
        Compare::Pattern,
    ),
];

/// Parameters whose name ends with a type: beginning, list, and the member of its elements.
const TYPED: [(&str, &str, &str); 3] = [
    ("EQ_bizTransaction_", "bizTransactionList", "bizTransaction"),
    ("EQ_source_", "sourceList", "source"),
    ("EQ_destination_", "destinationList", "destination"),
];

/// A query of events.
#[derive(Debug)]
pub struct EventQuery {
    /// What the finder of logs looks for.
    pub asked: Asked,
    /// What every event fulfils exactly.
    pub conditions: Vec<Condition>,
    /// When it was recorded: from (included) and to (excluded).
    pub recorded: (i64, i64),
    /// Events on a page.
    pub page: usize,
    /// Whether the first page is all that is wanted.
    pub only_page: bool,
    /// More events than this are refused.
    pub most: Option<usize>,
}

/// Reads the parameters of a query.
///
/// # Errors
/// `unknown_parameter`, `invalid_parameter`.
pub fn read(params: &Params) -> Answer<EventQuery> {
    let mut query = Reading::default();
    for (name, value) in params.iter() {
        query.parameter(params, name, value)?;
    }
    query.finish(params)
}

#[derive(Default)]
struct Reading {
    conditions: Vec<Condition>,
    types: Option<Vec<String>>,
}

impl Reading {
    fn parameter(&mut self, params: &Params, name: &str, value: &str) -> Answer<()> {
        if params.iter().filter(|(other, _)| *other == name).count() > 1 {
            return Err(invalid(name, "×1"));
        }
        if let Some((_, paths, compare)) = VALUES.iter().find(|(known, ..)| *known == name) {
            let values = values(name, value)?;
            if name == "EQ_action"
                && values.iter().any(|one| !["ADD", "OBSERVE", "DELETE"].contains(&one.as_str()))
            {
                return Err(invalid(name, "ADD, OBSERVE, DELETE"));
            }
            let paths = paths.iter().map(|path| (*path).to_owned()).collect();
            self.conditions.push(Condition::Any { paths, values, compare: *compare });
            return Ok(());
        }
        for (beginning, list, member) in TYPED {
            if let Some(kind) = name.strip_prefix(beginning).filter(|kind| !kind.is_empty()) {
                let (kind, values) = (kind.to_owned(), values(name, value)?);
                self.conditions.push(Condition::Typed { list, member, kind, values });
                return Ok(());
            }
        }
        // A member of an extension, by its name.
        if let Some(member) =
            name.strip_prefix("EQ_").filter(|member| member.contains(':') && !member.contains('.'))
        {
            let (paths, values) = (vec![member.to_owned()], values(name, value)?);
            self.conditions.push(Condition::Any { paths, values, compare: Compare::Exact });
            return Ok(());
        }
        match name {
            "eventType" => self.types = Some(values(name, value)?),
            "EXISTS_errorDeclaration" if !matches!(value, "" | "true") => return Err(invalid(name, "true")),
            "EXISTS_errorDeclaration" => self.conditions.push(Condition::Exists("errorDeclaration")),
            "GE_eventTime"
            | "LT_eventTime"
            | "GE_recordTime"
            | "LT_recordTime"
            | "GE_errorDeclarationTime"
            | "LT_errorDeclarationTime"
            | "orderBy"
            | "orderDirection"
            | "perPage"
            | "nextPageToken"
            | "eventCountLimit"
            | "maxEventCount" => {}
            _ => {
                let known: Vec<&str> = VALUES.iter().map(|(known, ..)| *known).collect();
                let allowed = format!(
                    "eventType, GE_eventTime, LT_eventTime, GE_recordTime, LT_recordTime, orderBy, orderDirection, eventCountLimit, maxEventCount, perPage, nextPageToken, {}",
                    known.join(", ")
                );
                return Err(Problem::new(Code::UnknownParameter).with("name", name).with("allowed", allowed));
            }
        }
        Ok(())
    }

    fn finish(mut self, params: &Params) -> Answer<EventQuery> {
        let bound = |name: &str, otherwise: i64| {
            Ok::<i64, Problem>(params.instant(name)?.map_or(otherwise, |at| at.0))
        };
        let occurred = (bound("GE_eventTime", i64::MIN)?, bound("LT_eventTime", i64::MAX)?);
        let recorded = (bound("GE_recordTime", i64::MIN)?, bound("LT_recordTime", i64::MAX)?);
        let declared =
            (params.instant("GE_errorDeclarationTime")?, params.instant("LT_errorDeclarationTime")?);
        if declared != (None, None) {
            let (from, to): (Option<Millis>, Option<Millis>) = declared;
            self.conditions.push(Condition::Time { path: "errorDeclaration.declarationTime", from, to });
        }
        let by = params.choice("orderBy", &[("eventTime", true), ("recordTime", false)])?;
        let ascending = params.choice("orderDirection", &[("ASC", true), ("DESC", false)])?.unwrap_or(false);
        let order = match (by, ascending) {
            (Some(true), true) => Order::EarliestOccurrence,
            (Some(true), false) => Order::LatestOccurrence,
            (Some(false), true) => Order::OldestArrival,
            (Some(false), false) | (None, _) => Order::NewestArrival,
        };
        let number = |name: &str, default| {
            params.int(name, default, 1, MAX_PAGE).map(|value| usize::try_from(value).unwrap_or(1))
        };
        let (first, most) = (params.get("eventCountLimit"), params.get("maxEventCount"));
        if first.is_some() && (most.is_some() || by.is_none()) {
            return Err(unreadable(STANDARD, "eventCountLimit needs orderBy and excludes maxEventCount"));
        }
        let (page, most) = match (first, most) {
            (Some(_), _) => (number("eventCountLimit", MAX_PAGE)?, None),
            (None, Some(_)) => {
                let most = number("maxEventCount", MAX_PAGE)?;
                (most, Some(most))
            }
            (None, None) => (number("perPage", DEFAULT_PAGE)?, None),
        };
        let types = match self.types {
            Some(types) => {
                let kinds: Vec<String> = types.iter().map(|name| kind(name)).collect();
                let (paths, compare) = (vec!["type".to_owned()], Compare::Exact);
                self.conditions.push(Condition::Any { paths, values: types, compare });
                kinds
            }
            None => TYPES.iter().copied().chain([EXTENDED]).map(kind).collect(),
        };
        let whole = |text: String| term(Test::Kind(Text { text, mode: Mode::Whole }));
        let mut parts = vec![
            any_of(types.into_iter().map(whole).collect()),
            term(Test::Source(Source::Integration.as_str().to_owned())),
        ];
        parts.extend(self.conditions.iter().map(Condition::term));
        let text = format!("epcis|{:?}|{occurred:?}|{recorded:?}|{order:?}", self.conditions);
        let asked = Asked { query: SearchQuery { expr: Expr::and(parts) }, occurred, text, order };
        let only_page = first.is_some() || most.is_some();
        Ok(EventQuery { asked, conditions: self.conditions, recorded, page, only_page, most })
    }
}

/// The values of a parameter, separated by `|`.
fn values(name: &str, text: &str) -> Answer<Vec<String>> {
    let values: Vec<String> =
        text.split('|').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect();
    let short = values.iter().all(|value| value.len() <= MAX_VALUE_BYTES && !value.contains('\0'));
    if values.is_empty() || values.len() > MAX_VALUES || !short {
        return Err(invalid(name, &format!("1 – {MAX_VALUES} × |")));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// LOG-18: unknown parameters and values that the standard forbids are refused.
    #[test]
    fn parameters_are_checked() {
        let code = |query: &str| read(&Params::parse(query)).unwrap_err().code;
        assert_eq!(code("EQ_color=red"), Code::UnknownParameter);
        assert_eq!(code("perPages=1"), Code::UnknownParameter);
        for wrong in [
            "EQ_action=LOOK",
            "perPage=0",
            "perPage=1001",
            "orderBy=bizStep",
            "orderDirection=UP",
            "GE_eventTime=gisteren",
            "EQ_bizStep=",
            "EQ_bizStep=|",
            "EQ_action=ADD&EQ_action=ADD",
            "EXISTS_errorDeclaration=false",
            "maxEventCount=x&orderBy=eventTime",
        ] {
            assert_eq!(code(wrong), Code::InvalidParameter, "{wrong}");
        }
        for wrong in ["eventCountLimit=1", "eventCountLimit=1&maxEventCount=1&orderBy=eventTime"] {
            assert_eq!(code(wrong), Code::InvalidMessage, "{wrong}");
        }
        let query = read(&Params::parse(
            "EQ_bizTransaction_po=urn:x:1|urn:x:2&EQ_ex:dock=3&eventCountLimit=5&orderBy=eventTime",
        ))
        .unwrap();
        assert_eq!((query.conditions.len(), query.page, query.only_page), (2, 5, true));
        assert_eq!(query.asked.order, Order::LatestOccurrence);
    }

    proptest! {
        /// LOG-18: any query string is read or refused.
        #[test]
        fn any_query_is_read_or_refused(name in "(EQ|MATCH|GE|LT|WD|EXISTS)_[a-zA-Z:_.]{0,20}", value in "\\PC{0,20}") {
            drop(read(&Params::parse(&format!("{name}={value}"))));
        }
    }
}
