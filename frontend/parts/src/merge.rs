//! Several modules as one.
//!
//! The splitter makes a module for each set of parts that has something in common, dozens of small ones. They import
//! the same things, none of which is a function, have the same types, and call each other through the table: one
//! module has the functions of all of them one after the other.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, CustomSection, DataSection, ElementSection, FunctionSection, ImportSection, Module,
    TypeSection,
};
use wasmparser::{DataKind, Import, Parser, Payload, TypeRef};

use crate::Done;

/// Moves the numbers of functions up by those of the modules before.
struct Moved(u32);

impl Reencode for Moved {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(function + self.0)
    }
}

/// What has been gathered.
#[derive(Default)]
struct Merged<'a> {
    types: TypeSection,
    imports: Vec<Import<'a>>,
    functions: FunctionSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    features: Option<&'a [u8]>,
}

/// Makes one module of several.
pub fn merge(modules: &[Vec<u8>]) -> Done<Vec<u8>> {
    let mut merged = Merged::default();
    for (at, module) in modules.iter().enumerate() {
        merged.add(module, at == 0).map_err(|error| format!("modules cannot be merged: {error}"))?;
    }
    // One table, one memory and one global, the stack, are used by their number, which is 0. A debug build imports one
    // global more that nothing uses, to notice modules of different programs.
    merged.imports.sort_by_key(|import| import.name.starts_with("__canary"));
    let mut imports = ImportSection::new();
    for import in merged.imports {
        Moved(0).parse_import(&mut imports, import).map_err(|error| error.to_string())?;
    }
    let mut module = Module::new();
    module.section(&merged.types).section(&imports).section(&merged.functions);
    module.section(&merged.elements).section(&merged.code).section(&merged.data);
    if let Some(features) = merged.features {
        module.section(&CustomSection { name: "target_features".into(), data: features.into() });
    }
    Ok(module.finish())
}

impl<'a> Merged<'a> {
    fn add(&mut self, module: &'a [u8], first: bool) -> Result<(), Box<dyn std::error::Error>> {
        let mut moved = Moved(self.functions.len());
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) if first => moved.parse_type_section(&mut self.types, types)?,
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        self.import(import?)?;
                    }
                }
                Payload::FunctionSection(functions) => {
                    moved.parse_function_section(&mut self.functions, functions)?;
                }
                Payload::ElementSection(elements) => {
                    moved.parse_element_section(&mut self.elements, elements)?
                }
                Payload::CodeSectionEntry(body) => moved.parse_function_body(&mut self.code, body)?,
                Payload::DataSection(data) => {
                    for data in data {
                        let data = data?;
                        match data.kind {
                            // Segments of other modules leave an empty one here.
                            _ if data.data.is_empty() => {}
                            DataKind::Active { .. } => moved.parse_data(&mut self.data, data)?,
                            DataKind::Passive => return Err("a data segment is passive".into()),
                        }
                    }
                }
                Payload::CustomSection(section) if section.name() == "target_features" => {
                    self.features = Some(section.data());
                }
                // The splitter writes this section even when it is empty.
                Payload::ExportSection(exports) if exports.count() == 0 => {}
                Payload::TableSection(_)
                | Payload::MemorySection(_)
                | Payload::GlobalSection(_)
                | Payload::ExportSection(_)
                | Payload::StartSection { .. } => {
                    return Err("a module defines more than functions and data".into());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds an import that no module before had.
    fn import(&mut self, import: Import<'a>) -> Result<(), Box<dyn std::error::Error>> {
        if matches!(import.ty, TypeRef::Func(_)) {
            return Err("a module imports a function".into());
        }
        if !self.imports.iter().any(|known| known.module == import.module && known.name == import.name) {
            self.imports.push(import);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, ConstExpr, DataSection, ElementSection, Elements, ExportSection, Function,
        FunctionSection, ImportSection, MemoryType, Module, TypeSection, ValType,
    };
    use wasmparser::{ElementItems, Operator, Parser, Payload};

    use super::merge;

    /// A module of two functions, the second of which calls the first and stands at a place of the table.
    fn module(place: i32, data: &[u8]) -> Vec<u8> {
        let (mut types, mut imports, mut functions) =
            (TypeSection::new(), ImportSection::new(), FunctionSection::new());
        types.ty().function([], [ValType::I32]);
        let memory =
            MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        imports.import("__wasm_split", "memory", memory);
        functions.function(0).function(0);
        let (mut elements, mut code, mut segments) =
            (ElementSection::new(), CodeSection::new(), DataSection::new());
        elements.active(None, &ConstExpr::i32_const(place), Elements::Functions([1][..].into()));
        for call in [false, true] {
            let mut function = Function::new([]);
            let mut body = function.instructions();
            if call {
                body.call(0).end();
            } else {
                body.i32_const(place).end();
            }
            code.function(&function);
        }
        segments.active(0, &ConstExpr::i32_const(place), data.iter().copied());
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&ExportSection::new());
        module.section(&elements).section(&code).section(&segments);
        module.finish()
    }

    /// PERF-03: functions keep calling each other and keep their places in the table; empty data is left out.
    #[test]
    fn functions_are_moved_up() {
        let merged = merge(&[module(10, b"a"), module(20, b"")]).unwrap();
        let (mut calls, mut placed, mut data, mut imports) = (Vec::new(), Vec::new(), 0, 0);
        for payload in Parser::new(0).parse_all(&merged) {
            match payload.unwrap() {
                Payload::ImportSection(section) => imports += section.into_imports().count(),
                Payload::ElementSection(section) => {
                    for element in section {
                        let ElementItems::Functions(items) = element.unwrap().items else {
                            panic!("expressions")
                        };
                        placed.extend(items.into_iter().map(Result::unwrap));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader().unwrap() {
                        if let Operator::Call { function_index } = operator.unwrap() {
                            calls.push(function_index);
                        }
                    }
                }
                Payload::DataSection(section) => data += section.count(),
                _ => {}
            }
        }
        assert_eq!((calls, placed, data, imports), (vec![0, 2], vec![1, 3], 1, 1));
    }

    #[test]
    fn a_module_that_imports_a_function_is_refused() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("env", "f", wasm_encoder::EntityType::Function(0));
        let mut module = Module::new();
        module.section(&types).section(&imports);
        assert!(merge(&[module.finish()]).is_err());
    }
}
