//! The types that LuaLS annotations name, read from their text.

use crate::package::{Annotations, Parameter};

/// A type of an annotation. What is not understood is [`Type::Any`]: an annotation may hold back no call that it does not speak of.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// `any`, `unknown`, a generic, or what could not be read.
    Any,
    /// `nil`
    Nil,
    /// `string`
    String,
    /// `number`
    Number,
    /// `integer`
    Integer,
    /// `boolean`
    Boolean,
    /// `function`, `fun(...)`
    Function,
    /// `table`
    Table,
    /// `'a'`, `"a"`, `` `a` ``
    Text(String),
    /// `7`, `-1.5`
    Numeral(f64),
    /// `true`, `false`
    Truth(bool),
    /// `T[]`
    List(Box<Type>),
    /// `table<K, V>`, `{ [K]: V }`
    Map(Box<Type>, Box<Type>),
    /// `{ a: string, b?: integer }`
    Record(Vec<Field>),
    /// `A|B`
    Union(Vec<Type>),
    /// A class, by its name.
    Class(String),
}

/// A named value with its type: a parameter, or a field of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub of: Type,
    /// Whether it may be left out.
    pub optional: bool,
}

/// A `---@class`: the fields of a table, with those of the class that it extends.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// The class that it extends.
    pub parent: Option<String>,
    /// Its own fields.
    pub fields: Vec<Field>,
}

/// What a function takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// The line on which the word `function` stands.
    pub line: u32,
    /// Its parameters, up to the last that has a type.
    pub parameters: Vec<Field>,
}

impl Annotations {
    /// Returns what each function takes that says so; methods are left out.
    pub fn signatures(&self) -> Vec<Signature> {
        let functions = self.functions.iter().filter(|function| !function.method);
        let signatures = functions.map(|function| {
            let named = function.parameters.iter().take_while(|parameter| parameter.name != "...");
            let mut parameters: Vec<Field> = named.map(field).collect();
            while parameters.pop_if(|parameter| parameter.of == Type::Any).is_some() {}
            Signature { line: function.line, parameters }
        });
        signatures.filter(|signature| !signature.parameters.is_empty()).collect()
    }

    /// Returns the classes with the types of their fields.
    pub fn class_types(&self) -> Vec<Class> {
        let classes = self.classes.iter().map(|class| Class {
            name: class.name.clone(),
            parent: class.parent.clone(),
            fields: class.fields.iter().map(field).collect(),
        });
        classes.collect()
    }
}

fn field(parameter: &Parameter) -> Field {
    let of = parameter.type_name.as_deref().map_or(Type::Any, parse_type);
    Field { name: parameter.name.clone(), of, optional: parameter.optional }
}

/// Reads the text of a type. Never fails: what is no type is [`Type::Any`].
pub fn parse_type(text: &str) -> Type {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let read = reader.union();
    reader.blanks();
    match read {
        Some(read) if reader.at == text.len() => read,
        _ => Type::Any,
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// A type nested deeper than this is nothing that anybody wrote.
const DEEPEST: usize = 50;

impl<'a> Reader<'a> {
    fn union(&mut self) -> Option<Type> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut parts = vec![self.postfix()?];
        while self.eat("|") {
            parts.push(self.postfix()?);
        }
        self.depth -= 1;
        Some(match parts.len() {
            1 => parts.remove(0),
            _ => Type::Union(parts),
        })
    }

    fn postfix(&mut self) -> Option<Type> {
        let mut read = self.primary()?;
        loop {
            if self.eat("[]") {
                read = Type::List(Box::new(read));
            } else if self.eat("?") {
                read = Type::Union(vec![read, Type::Nil]);
            } else {
                return Some(read);
            }
        }
    }

    fn primary(&mut self) -> Option<Type> {
        self.blanks();
        match self.rest().chars().next()? {
            '(' => {
                self.eat("(");
                let inner = self.union()?;
                self.eat(")").then_some(inner)
            }
            '{' => self.record(),
            quote @ ('\'' | '"' | '`') => {
                let body = &self.rest()[1..];
                let end = body.find(quote)?;
                let text = body[..end].to_owned();
                self.at += end + 2;
                Some(Type::Text(text))
            }
            '-' | '0'..='9' => {
                let rest = self.rest();
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-').unwrap_or(rest.len());
                self.at += end;
                rest[..end].parse().ok().map(Type::Numeral)
            }
            '[' => {
                self.skip_brackets()?;
                Some(Type::Table)
            }
            _ => self.named(),
        }
    }

    fn named(&mut self) -> Option<Type> {
        let name = self.word()?;
        if name == "fun" && self.rest().trim_start().starts_with('(') {
            self.blanks();
            self.skip_brackets()?;
            if self.eat(":") {
                while self.union().is_some() && self.eat(",") {}
            }
            return Some(Type::Function);
        }
        let mut arguments = Vec::new();
        if self.eat("<") {
            loop {
                arguments.push(self.union()?);
                if !self.eat(",") {
                    break;
                }
            }
            if !self.eat(">") {
                return None;
            }
        }
        let mut arguments = arguments.into_iter();
        Some(match (name, arguments.next(), arguments.next()) {
            ("table", Some(key), Some(value)) => Type::Map(Box::new(key), Box::new(value)),
            ("table", ..) => Type::Table,
            // At this border null is what is left out; where it empties a field, the annotation says so to editors.
            ("nil" | "db.Null", ..) => Type::Nil,
            ("string", ..) => Type::String,
            ("number", ..) => Type::Number,
            ("integer", ..) => Type::Integer,
            ("boolean", ..) => Type::Boolean,
            ("function", ..) => Type::Function,
            ("true", ..) => Type::Truth(true),
            ("false", ..) => Type::Truth(false),
            ("any" | "unknown" | "userdata" | "lightuserdata" | "thread" | "self", ..) => Type::Any,
            (name, None, _) => Type::Class(name.to_owned()),
            _ => Type::Any,
        })
    }

    /// Reads `{ a: string, b?: integer }` or `{ [string]: integer }`.
    fn record(&mut self) -> Option<Type> {
        self.eat("{");
        let mut fields = Vec::new();
        while !self.eat("}") {
            if self.eat("[") {
                let key = self.union()?;
                if !self.eat("]") || !self.eat(":") {
                    return None;
                }
                let value = self.union()?;
                // Named fields beside it say less than they seem to.
                self.eat(",");
                return self.eat("}").then(|| Type::Map(Box::new(key), Box::new(value)));
            }
            let name = self.word()?.to_owned();
            let marked = self.eat("?");
            let of = if self.eat(":") { self.union()? } else { Type::Any };
            let optional = marked || of == Type::Any || of.takes_nil();
            fields.push(Field { name, of, optional });
            if !self.eat(",") && !self.eat(";") && !self.rest().trim_start().starts_with('}') {
                return None;
            }
        }
        Some(Type::Record(fields))
    }

    /// Steps over a bracket and all that stands in it.
    fn skip_brackets(&mut self) -> Option<()> {
        let mut depth = 0;
        for (at, character) in self.rest().char_indices() {
            depth += i32::from(matches!(character, '(' | '{' | '<' | '['));
            depth -= i32::from(matches!(character, ')' | '}' | '>' | ']'));
            if depth == 0 {
                self.at += at + character.len_utf8();
                return Some(());
            }
        }
        None
    }

    fn word(&mut self) -> Option<&'a str> {
        self.blanks();
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '*'))).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    fn eat(&mut self, mark: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(mark);
        self.at += if found { mark.len() } else { 0 };
        found
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
}

impl Type {
    /// Tells whether a value that is left out fits.
    fn takes_nil(&self) -> bool {
        match self {
            Type::Nil => true,
            Type::Union(parts) => parts.iter().any(Type::takes_nil),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_from_their_text() {
        let class = |name: &str| Type::Class(name.to_owned());
        let list = |of| Type::List(Box::new(of));
        let text = |text: &str| Type::Text(text.to_owned());
        for (written, read) in [
            ("string", Type::String),
            ("string?", Type::Union(vec![Type::String, Type::Nil])),
            ("string|db.Null", Type::Union(vec![Type::String, Type::Nil])),
            ("'a' | \"b\"|`c`", Type::Union(vec![text("a"), text("b"), text("c")])),
            ("forum_forge.Page[]", list(class("forum_forge.Page"))),
            ("(string|integer)[]", list(Type::Union(vec![Type::String, Type::Integer]))),
            ("table<string, any>", Type::Map(Box::new(Type::String), Box::new(Type::Any))),
            ("{ [string]: integer }", Type::Map(Box::new(Type::String), Box::new(Type::Integer))),
            ("table", Type::Table),
            ("fun(ok: boolean, n?: integer): boolean, string", Type::Function),
            ("fun(cb: fun(a: { b: string }))|nil", Type::Union(vec![Type::Function, Type::Nil])),
            ("-1.5", Type::Numeral(-1.5)),
            ("true", Type::Truth(true)),
            ("[string, integer]", Type::Table),
            ("Box<string>", Type::Any),
            ("a b", Type::Any),
            ("{ a: ", Type::Any),
            ("", Type::Any),
            ("string|", Type::Any),
        ] {
            assert_eq!(parse_type(written), read, "{written}");
        }
        let Type::Record(fields) = parse_type("{ a: string, b?: integer, c: table? }") else { panic!("a record") };
        let fields: Vec<_> = fields.iter().map(|field| (&field.name[..], field.optional)).collect();
        assert_eq!(fields, [("a", false), ("b", true), ("c", true)]);
        assert_eq!(parse_type(&"(".repeat(1000)), Type::Any);
    }
}
