//! Looking through data with a schema, within a number of steps.

use std::collections::HashSet;

use serde_json::{Map, Value};
use shared::problem::{Args, FieldCode, FieldError};

use super::value::{canonical, equal, is, type_of, within};
use super::{At, Bound, MAX_FAULTS, Members, Node, Rule, Schema, escaped, shown};

/// Steps that are always there.
const FREE_STEPS: usize = 5_000;
/// Steps for each byte of the data.
const STEPS_A_BYTE: usize = 4;
/// Subschemas within each other, so that the stack is not used up.
const MAX_DEPTH: usize = 200;
/// Bytes that cost a step where texts are compared or looked through.
const BYTES_A_STEP: usize = 32;

/// What is wrong with data of a size.
pub fn faults(schema: &Schema, value: &Value, size: usize) -> Vec<FieldError> {
    let mut check = Check {
        schema,
        steps: FREE_STEPS.saturating_add(size.saturating_mul(STEPS_A_BYTE)),
        depth: 0,
        path: Vec::new(),
        faults: Vec::new(),
        given_up: false,
    };
    check.fits(0, value, true);
    if check.given_up {
        // What was found on the way may be half the truth.
        check.faults =
            vec![FieldError { pointer: String::new(), code: FieldCode::TooComplex, args: Args::new() }];
    }
    check.faults
}

/// A step from a value to one inside it.
#[derive(Clone, Copy)]
enum Step<'v> {
    Member(&'v str),
    Item(usize),
}

struct Check<'s, 'v> {
    schema: &'s Schema,
    steps: usize,
    depth: usize,
    path: Vec<Step<'v>>,
    faults: Vec<FieldError>,
    given_up: bool,
}

fn most(limit: u64) -> String {
    if limit == u64::MAX { "∞".to_owned() } else { limit.to_string() }
}

impl<'v> Check<'_, 'v> {
    /// Takes steps; false when there are none left.
    fn pay(&mut self, steps: usize) -> bool {
        match self.steps.checked_sub(steps) {
            Some(left) => self.steps = left,
            None => self.given_up = true,
        }
        !self.given_up
    }

    /// Whether nothing more needs to be found out.
    fn is_over(&self, tell: bool, fits: bool) -> bool {
        self.given_up || (!fits && (!tell || self.faults.len() >= MAX_FAULTS))
    }

    fn pointer(&self, below: Option<&str>) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Member(name) => text.push_str(&format!("/{}", escaped(name))),
                Step::Item(at) => text.push_str(&format!("/{at}")),
            }
        }
        if let Some(name) = below {
            text.push_str(&format!("/{}", escaped(name)));
        }
        text
    }

    /// Notes a fault if somebody wants to hear of it; always false.
    fn fault(&mut self, tell: bool, below: Option<&str>, code: FieldCode, args: &[(&str, String)]) -> bool {
        if tell && self.faults.len() < MAX_FAULTS {
            let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            let pointer = self.pointer(below);
            self.faults.push(FieldError { pointer, code, args });
        }
        false
    }

    /// Whether a value fits a subschema. Faults are told, or only that there are some.
    fn fits(&mut self, at: At, value: &'v Value, tell: bool) -> bool {
        let schema = self.schema;
        if self.depth >= MAX_DEPTH {
            self.given_up = true;
        }
        if !self.pay(1) {
            return true;
        }
        match schema.nodes.get(at) {
            None | Some(Node::Always(true)) => true,
            Some(Node::Always(false)) => self.fault(tell, None, FieldCode::NotAllowed, &[]),
            Some(Node::Rules(rules)) => {
                self.depth += 1;
                let mut fits = true;
                for rule in rules {
                    fits &= self.rule(rule, value, tell);
                    if self.is_over(tell, fits) {
                        break;
                    }
                }
                self.depth -= 1;
                fits
            }
        }
    }

    fn inner(&mut self, step: Step<'v>, at: At, value: &'v Value, tell: bool) -> bool {
        self.path.push(step);
        let fits = self.fits(at, value, tell);
        self.path.pop();
        fits
    }

    fn rule(&mut self, rule: &Rule, value: &'v Value, tell: bool) -> bool {
        match (rule, value) {
            (Rule::Type(types), _) => {
                types.iter().any(|kind| is(value, kind)) || {
                    let args = [("actual", type_of(value).to_owned()), ("expected", types.join(", "))];
                    self.fault(tell, None, FieldCode::WrongType, &args)
                }
            }
            (Rule::Enum(values), _) => self.listed(values, value, tell),
            (Rule::Number(bound, limit), Value::Number(number)) => {
                within(number, *bound, limit) || {
                    let sign = match bound {
                        Bound::Least => "≥",
                        Bound::Most => "≤",
                        Bound::Above => ">",
                        Bound::Below => "<",
                        Bound::Multiple => "n ×",
                    };
                    self.fault(tell, None, FieldCode::Bound, &[("rule", format!("{sign} {limit}"))])
                }
            }
            (Rule::Length(least, limit), Value::String(text)) => {
                if !self.pay(text.len() / BYTES_A_STEP) {
                    return true;
                }
                let actual = text.chars().count() as u64;
                (*least..=*limit).contains(&actual) || {
                    let args =
                        [("actual", actual.to_string()), ("min", least.to_string()), ("max", most(*limit))];
                    self.fault(tell, None, FieldCode::Length, &args)
                }
            }
            (Rule::Pattern(pattern), Value::String(text)) => {
                if !self.pay(text.len() / BYTES_A_STEP) {
                    return true;
                }
                pattern.fits(text) || {
                    let shown = pattern.text.chars().take(80).collect();
                    self.fault(tell, None, FieldCode::Pattern, &[("pattern", shown)])
                }
            }
            (Rule::Items { count, unique, first, rest }, Value::Array(items)) => {
                self.items(items, *count, *unique, first, *rest, tell)
            }
            (Rule::Contains { schema, count }, Value::Array(items)) => {
                self.contains(items, *schema, *count, tell)
            }
            (Rule::Members(members), Value::Object(object)) => self.members(members, object, value, tell),
            (Rule::Names(schema), Value::Object(object)) => self.names(*schema, object, tell),
            (Rule::All(list), _) => {
                let mut fits = true;
                for at in list {
                    fits &= self.fits(*at, value, tell);
                    if self.is_over(tell, fits) {
                        break;
                    }
                }
                fits
            }
            (Rule::Any(list), _) => {
                list.iter().any(|at| self.fits(*at, value, false))
                    || self.fault(tell, None, FieldCode::NoForm, &[("count", list.len().to_string())])
            }
            (Rule::One(list), _) => match list.iter().filter(|at| self.fits(**at, value, false)).count() {
                1 => true,
                0 => self.fault(tell, None, FieldCode::NoForm, &[("count", list.len().to_string())]),
                _ => self.fault(tell, None, FieldCode::SeveralForms, &[]),
            },
            (Rule::Not(at), _) => {
                !self.fits(*at, value, false) || self.fault(tell, None, FieldCode::Excluded, &[])
            }
            (Rule::If { test, then, otherwise }, _) => {
                let branch = if self.fits(*test, value, false) { then } else { otherwise };
                branch.is_none_or(|at| self.fits(at, value, tell))
            }
            (Rule::Reference(at), _) => self.fits(*at, value, tell),
            // The rule is about values of another type.
            _ => true,
        }
    }

    fn listed(&mut self, values: &[Value], value: &Value, tell: bool) -> bool {
        let text = value.as_str().map_or(1, str::len);
        if !self.pay(values.len() / 8 + text / BYTES_A_STEP) {
            return true;
        }
        if values.iter().any(|listed| equal(listed, value)) {
            return true;
        }
        let mut allowed: Vec<String> = values.iter().take(10).map(shown).collect();
        if values.len() > allowed.len() {
            allowed.push("…".to_owned());
        }
        self.fault(tell, None, FieldCode::NotListed, &[("allowed", allowed.join(", "))])
    }

    fn counted(&mut self, actual: usize, (least, limit): (u64, u64), tell: bool) -> bool {
        (least..=limit).contains(&(actual as u64)) || {
            let args = [("actual", actual.to_string()), ("min", least.to_string()), ("max", most(limit))];
            self.fault(tell, None, FieldCode::Count, &args)
        }
    }

    fn items(
        &mut self,
        items: &'v [Value],
        count: (u64, u64),
        unique: bool,
        first: &[At],
        rest: Option<At>,
        tell: bool,
    ) -> bool {
        let mut fits = self.counted(items.len(), count, tell);
        if unique && !self.is_over(tell, fits) {
            fits &= self.unique(items, tell);
        }
        if first.is_empty() && rest.is_none() {
            return fits;
        }
        for (place, item) in items.iter().enumerate() {
            let Some(at) = first.get(place).copied().or(rest) else { break };
            if self.is_over(tell, fits) {
                break;
            }
            fits &= self.inner(Step::Item(place), at, item, tell);
        }
        fits
    }

    fn unique(&mut self, items: &'v [Value], tell: bool) -> bool {
        let mut seen = HashSet::new();
        for (place, item) in items.iter().enumerate() {
            let mut text = String::new();
            canonical(item, &mut text);
            if !self.pay(1 + text.len() / BYTES_A_STEP) {
                return true;
            }
            if !seen.insert(text) {
                self.path.push(Step::Item(place));
                self.fault(tell, None, FieldCode::Repeated, &[]);
                self.path.pop();
                return false;
            }
        }
        true
    }

    fn contains(&mut self, items: &'v [Value], schema: At, count: (u64, u64), tell: bool) -> bool {
        let fitting = items.iter().enumerate();
        let fitting =
            fitting.filter(|(place, item)| self.inner(Step::Item(*place), schema, item, false)).count();
        self.given_up || self.counted(fitting, count, tell)
    }

    fn names(&mut self, schema: At, object: &'v Map<String, Value>, tell: bool) -> bool {
        let mut fits = true;
        for name in object.keys() {
            let text = Value::String(name.clone());
            // A name is a value of its own; its faults stand at the member.
            let mut own = Check {
                schema: self.schema,
                steps: self.steps,
                depth: self.depth,
                path: Vec::new(),
                faults: Vec::new(),
                given_up: false,
            };
            let good = own.fits(schema, &text, tell);
            let (first, steps, given_up) = (own.faults.into_iter().next(), own.steps, own.given_up);
            (self.steps, self.given_up) = (steps, self.given_up || given_up);
            fits &= good;
            if let Some(fault) = first.filter(|_| self.faults.len() < MAX_FAULTS) {
                let pointer = self.pointer(Some(name));
                self.faults.push(FieldError { pointer, ..fault });
            }
            if self.is_over(tell, fits) {
                break;
            }
        }
        fits
    }

    fn members(
        &mut self,
        members: &Members,
        object: &'v Map<String, Value>,
        whole: &'v Value,
        tell: bool,
    ) -> bool {
        let mut fits = members.count.is_none_or(|count| self.counted(object.len(), count, tell));
        if !self.pay(members.required.len() / 8) {
            return true;
        }
        let mut missing =
            members.required.iter().filter(|name| !object.contains_key(*name)).collect::<Vec<_>>();
        for (name, then) in &members.then_required {
            if object.contains_key(name) {
                missing.extend(then.iter().filter(|name| !object.contains_key(*name)));
            }
        }
        for name in missing {
            fits = self.fault(tell, Some(name), FieldCode::Required, &[]);
        }
        for (name, value) in object {
            if self.is_over(tell, fits) {
                return fits;
            }
            let mut known = false;
            if let Some(at) = members.named.get(name) {
                known = true;
                fits &= self.inner(Step::Member(name), *at, value, tell);
            }
            for (pattern, at) in &members.by_pattern {
                if !self.pay(1 + name.len() / BYTES_A_STEP) {
                    return true;
                }
                if pattern.fits(name) {
                    known = true;
                    fits &= self.inner(Step::Member(name), *at, value, tell);
                }
            }
            if let Some(at) = members.other.filter(|_| !known) {
                fits &= self.inner(Step::Member(name), at, value, tell);
            }
        }
        for (name, at) in &members.then_fits {
            if self.is_over(tell, fits) {
                break;
            }
            if object.contains_key(name) {
                fits &= self.fits(*at, whole, tell);
            }
        }
        fits
    }
}
