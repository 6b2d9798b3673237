//! A Lua text as a plain tree: statements, expressions, names with what they are bound to, and annotations.
//!
//! The parser's own tree keeps every blank and comment; this one keeps what checks ask for. It is made of texts that Lua itself
//! compiles, so nothing here speaks of faults.

use emmylua_parser::{
    BinaryOperator, LuaAst, LuaAstNode, LuaAstToken, LuaBlock, LuaCallExpr, LuaClosureExpr, LuaComment,
    LuaCommentOwner, LuaDocTag, LuaExpr, LuaIfClauseStat, LuaIndexExpr, LuaIndexToken, LuaLanguageLevel,
    LuaLiteralExpr, LuaLiteralToken, LuaNameToken, LuaParseErrorKind, LuaParser, LuaStat, LuaSyntaxTree, LuaTableField,
    LuaVarExpr, NumberResult, ParserConfig, UnaryOperator,
};

/// Bytes of the text, from the first to one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub start: usize,
    pub end: usize,
}

/// A Lua text.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub block: Block,
    /// Every local, parameter and loop variable, in the order of the text.
    pub locals: Vec<Local>,
    /// The names of `---@class`, `---@alias` and `---@enum`.
    pub types: Vec<String>,
    /// Names of types where annotations use them.
    pub type_uses: Vec<Name>,
    /// Whether a tag says that this file is for the editor alone.
    pub is_meta: bool,
}

/// A variable that is not global.
#[derive(Debug)]
pub(super) struct Local {
    pub name: String,
    /// How often something is assigned to it after its declaration.
    pub assigned: usize,
}

/// The number of a [`Local`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct LocalId(pub usize);

pub(super) type Block = Vec<Stat>;

/// A name where it stands.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub text: String,
    pub range: Range,
}

#[derive(Debug)]
pub(super) enum Stat {
    Local { names: Vec<LocalId>, values: Vec<Expr>, doc: Option<Doc> },
    Assign { targets: Vec<Expr>, values: Vec<Expr>, doc: Option<Doc> },
    Call(Expr),
    Function { target: Expr, method: bool, function: Function, doc: Option<Doc> },
    LocalFunction { id: LocalId, name: Name, function: Function, doc: Option<Doc> },
    If { arms: Vec<(Option<Expr>, Block)> },
    While { condition: Option<Expr>, body: Block },
    For { values: Vec<Expr>, body: Block },
    Repeat { body: Block, condition: Option<Expr> },
    Do(Block),
    Return { values: Vec<Expr> },
}

#[derive(Debug)]
pub(super) struct Expr {
    pub kind: Kind,
    pub range: Range,
}

#[derive(Debug)]
pub(super) enum Kind {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Rest,
    Function(Box<Function>),
    /// A name: a local's, else a global's.
    Name(String, Option<LocalId>),
    Index {
        base: Box<Expr>,
        key: Key,
    },
    Call {
        callee: Box<Expr>,
        args: Vec<Expr>,
        colon: bool,
    },
    Table(Vec<Field>),
    Binary {
        op: Op,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Unary {
        op: Unary,
        value: Box<Expr>,
    },
    Paren(Box<Expr>),
    /// What the parser did not make out.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    And,
    Or,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unary {
    Minus,
    Not,
    Other,
}

#[derive(Debug)]
pub(super) enum Key {
    /// `a.b`, `a['b']`, and in a table `b =`.
    Name(Name),
    /// Anything else.
    Expr(Box<Expr>),
}

#[derive(Debug)]
pub(super) struct Field {
    /// None for an item of the list.
    pub key: Option<Key>,
    pub value: Expr,
    pub doc: Option<Doc>,
}

#[derive(Debug)]
pub(super) struct Function {
    pub params: Vec<(LocalId, Name)>,
    pub rest: bool,
    pub body: Block,
}

/// The annotations above a function.
#[derive(Debug, Default)]
pub(super) struct Doc {
    pub params: Vec<DocParam>,
    /// Where each `---@return` stands.
    pub returns: Vec<DocReturn>,
    /// Whether there are `---@overload`s, which say the parameters in another way.
    pub overloads: bool,
}

#[derive(Debug)]
pub(super) struct DocParam {
    /// `...` for the rest.
    pub name: Name,
    /// Whether nil is among what it may be.
    pub optional: bool,
    pub type_text: Option<String>,
}

#[derive(Debug)]
pub(super) struct DocReturn {
    pub range: Range,
    pub type_text: String,
}

/// A fault of the text, in the parser's words.
#[derive(Debug)]
pub(super) struct ParserFault {
    pub message: String,
    pub range: Range,
}

/// What the parser makes of a text.
pub(super) struct Parsed {
    tree: LuaSyntaxTree,
}

/// How many operators and calls one statement may chain, and how deep brackets may nest: trees are walked by recursion.
const CHAIN_LIMIT: usize = 2000;
const DEPTH_LIMIT: usize = 250;

/// Parses a text as Lua 5.4; None when it is nested so deeply that walking it would be dangerous.
pub(super) fn parse(text: &str) -> Option<Parsed> {
    if is_too_deep(text) {
        return None;
    }
    let tree = LuaParser::parse(text, ParserConfig::with_level(LuaLanguageLevel::Lua54));
    Some(Parsed { tree })
}

/// Bounds the depth of a text's tree from above, without reading it: what looks nested in a string counts, too.
fn is_too_deep(text: &str) -> bool {
    let (mut depth, mut deepest, mut chain, mut longest) = (0_usize, 0, 0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match byte {
            b'=' | b',' | b';' => chain = 0,
            b'(' | b'[' | b'{' | b'"' | b'\'' | b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'#' | b'&' | b'|'
            | b'~' | b'<' | b'>' | b':' => chain += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
        longest = longest.max(chain);
    }
    if deepest <= DEPTH_LIMIT && longest <= CHAIN_LIMIT {
        return false;
    }
    // Prose in comments and strings is no chain: look again with a lexer.
    let config = ParserConfig::with_level(LuaLanguageLevel::Lua54);
    let mut lexer = emmylua_parser::LuaLexer::new(emmylua_parser::Reader::new(text), config.lexer_config(), None);
    let (mut depth, mut chain) = (0_usize, 0_usize);
    for token in lexer.tokenize() {
        use emmylua_parser::LuaTokenKind as T;
        match token.kind {
            T::TkLeftParen | T::TkLeftBracket | T::TkLeftBrace | T::TkFunction | T::TkDo | T::TkThen | T::TkRepeat => {
                depth += 1;
                chain += 1;
            }
            T::TkRightParen | T::TkRightBracket | T::TkRightBrace | T::TkEnd | T::TkUntil | T::TkElseIf => {
                depth = depth.saturating_sub(1);
            }
            T::TkLocal | T::TkReturn | T::TkComma | T::TkSemicolon | T::TkAssign | T::TkIf => chain = 0,
            T::TkShortComment | T::TkLongComment | T::TkWhitespace | T::TkEndOfLine | T::TkName => {}
            _ => chain += 1,
        }
        if depth > DEPTH_LIMIT || chain > CHAIN_LIMIT {
            return true;
        }
    }
    false
}

impl Parsed {
    /// Returns the faults of the Lua text, in its order.
    pub fn faults(&self) -> Vec<ParserFault> {
        self.errors(LuaParseErrorKind::SyntaxError)
    }

    /// Returns the faults of the annotations, in their order.
    pub fn annotation_faults(&self) -> Vec<ParserFault> {
        self.errors(LuaParseErrorKind::DocError)
    }

    fn errors(&self, kind: LuaParseErrorKind) -> Vec<ParserFault> {
        let errors = self.tree.get_errors().iter().filter(|error| error.kind == kind);
        let mut faults: Vec<ParserFault> = errors
            .map(|error| ParserFault {
                message: error.message.clone(),
                range: Range { start: error.range.start().into(), end: error.range.end().into() },
            })
            .collect();
        faults.sort_by_key(|fault| fault.range.start);
        faults
    }

    /// Makes the plain tree.
    pub fn tree(&self) -> Tree {
        let mut reader = Reader { tree: Tree::default(), scopes: vec![Vec::new()] };
        let chunk = self.tree.get_chunk_node();
        for comment in chunk.descendants::<LuaComment>() {
            reader.types(&comment);
        }
        if let Some(block) = chunk.get_block() {
            reader.tree.block = reader.block(&block);
        }
        reader.tree
    }
}

/// Makes the plain tree, keeping the scopes that are open.
struct Reader {
    tree: Tree,
    scopes: Vec<Vec<LocalId>>,
}

fn range(node: &impl LuaAstNode) -> Range {
    let range = node.get_range();
    Range { start: range.start().into(), end: range.end().into() }
}

fn token_range(token: &impl LuaAstToken) -> Range {
    let range = token.get_range();
    Range { start: range.start().into(), end: range.end().into() }
}

fn name_of(token: &LuaNameToken) -> Name {
    Name { text: token.get_name_text().to_owned(), range: token_range(token) }
}

impl Reader {
    fn declare(&mut self, name: &str) -> LocalId {
        let id = LocalId(self.tree.locals.len());
        self.tree.locals.push(Local { name: name.to_owned(), assigned: 0 });
        self.scopes.last_mut().expect("a scope is open").push(id);
        id
    }

    fn lookup(&self, name: &str) -> Option<LocalId> {
        let visible = self.scopes.iter().rev().flat_map(|scope| scope.iter().rev());
        visible.copied().find(|id| self.tree.locals[id.0].name == name)
    }

    /// Reads a block in a scope of its own.
    fn block(&mut self, block: &LuaBlock) -> Block {
        self.scopes.push(Vec::new());
        let stats = self.stats(block);
        self.scopes.pop();
        stats
    }

    fn optional_block(&mut self, block: Option<LuaBlock>) -> Block {
        block.map(|block| self.block(&block)).unwrap_or_default()
    }

    fn stats(&mut self, block: &LuaBlock) -> Block {
        block.get_stats().filter_map(|stat| self.stat(&stat)).collect()
    }

    fn exprs(&mut self, exprs: impl Iterator<Item = LuaExpr>) -> Vec<Expr> {
        exprs.map(|expr| self.expr(&expr)).collect()
    }

    fn stat(&mut self, stat: &LuaStat) -> Option<Stat> {
        Some(match stat {
            LuaStat::LocalStat(local) => {
                let values = self.exprs(local.get_value_exprs());
                let names = local.get_local_name_list().filter_map(|name| name.get_name_token());
                let names = names.map(|token| self.declare(token.get_name_text())).collect();
                Stat::Local { names, values, doc: self.doc(local) }
            }
            LuaStat::AssignStat(assign) => {
                let (targets, values) = assign.get_var_and_expr_list();
                let values = self.exprs(values.into_iter());
                let targets: Vec<Expr> = targets.iter().map(|target| self.expr(&target.to_expr())).collect();
                for target in &targets {
                    if let Kind::Name(_, Some(id)) = target.kind {
                        self.tree.locals[id.0].assigned += 1;
                    }
                }
                Stat::Assign { targets, values, doc: self.doc(assign) }
            }
            LuaStat::CallExprStat(call) => Stat::Call(self.call(&call.get_call_expr()?)),
            LuaStat::FuncStat(function) => {
                let name = function.get_func_name()?;
                let method = match &name {
                    LuaVarExpr::IndexExpr(index) => index.get_index_token().is_some_and(|token| token.is_colon()),
                    LuaVarExpr::NameExpr(_) => false,
                };
                let target = self.expr(&name.to_expr());
                if let Kind::Name(_, Some(id)) = target.kind {
                    self.tree.locals[id.0].assigned += 1;
                }
                let doc = self.doc(function);
                let closure = function.get_closure()?;
                Stat::Function { target, method, function: self.function(&closure, method), doc }
            }
            LuaStat::LocalFuncStat(function) => {
                let name = name_of(&function.get_local_name()?.get_name_token()?);
                let id = self.declare(&name.text);
                let doc = self.doc(function);
                let closure = function.get_closure()?;
                Stat::LocalFunction { id, name, function: self.function(&closure, false), doc }
            }
            LuaStat::IfStat(stat) => {
                let condition = stat.get_condition_expr().map(|condition| self.expr(&condition));
                let mut arms = vec![(condition, self.optional_block(stat.get_block()))];
                for clause in stat.get_all_clause() {
                    let condition = match &clause {
                        LuaIfClauseStat::ElseIf(_) => clause.get_condition_expr().map(|expr| self.expr(&expr)),
                        LuaIfClauseStat::Else(_) => None,
                    };
                    arms.push((condition, self.optional_block(clause.get_block())));
                }
                Stat::If { arms }
            }
            LuaStat::WhileStat(stat) => {
                let condition = stat.get_condition_expr().map(|condition| self.expr(&condition));
                Stat::While { condition, body: self.optional_block(stat.get_block()) }
            }
            LuaStat::DoStat(stat) => Stat::Do(self.optional_block(stat.get_block())),
            LuaStat::ForStat(stat) => {
                let values = self.exprs(stat.get_iter_expr());
                let names: Vec<LuaNameToken> = stat.get_var_name().into_iter().collect();
                self.loop_body(values, &names, stat.get_block())
            }
            LuaStat::ForRangeStat(stat) => {
                let values = self.exprs(stat.get_expr_list());
                let names: Vec<LuaNameToken> = stat.get_var_name_list().collect();
                self.loop_body(values, &names, stat.get_block())
            }
            LuaStat::RepeatStat(stat) => {
                // The condition sees the body's locals.
                self.scopes.push(Vec::new());
                let body = stat.get_block().map(|block| self.stats(&block)).unwrap_or_default();
                let condition = stat.get_condition_expr().map(|condition| self.expr(&condition));
                self.scopes.pop();
                Stat::Repeat { body, condition }
            }
            LuaStat::ReturnStat(stat) => Stat::Return { values: self.exprs(stat.get_expr_list()) },
            _ => return None,
        })
    }

    fn loop_body(&mut self, values: Vec<Expr>, names: &[LuaNameToken], block: Option<LuaBlock>) -> Stat {
        self.scopes.push(Vec::new());
        for name in names {
            self.declare(name.get_name_text());
        }
        let body = self.optional_block(block);
        self.scopes.pop();
        Stat::For { values, body }
    }

    fn function(&mut self, closure: &LuaClosureExpr, method: bool) -> Function {
        self.scopes.push(Vec::new());
        if method {
            self.declare("self");
        }
        let mut function = Function { params: Vec::new(), rest: false, body: Vec::new() };
        for param in closure.get_params_list().into_iter().flat_map(|list| list.get_params()) {
            if param.is_dots() {
                function.rest = true;
            } else if let Some(token) = param.get_name_token() {
                let name = name_of(&token);
                function.params.push((self.declare(&name.text), name));
            }
        }
        function.body = self.optional_block(closure.get_block());
        self.scopes.pop();
        function
    }

    fn expr(&mut self, expr: &LuaExpr) -> Expr {
        let kind = match expr {
            LuaExpr::CallExpr(call) => return self.call(call),
            LuaExpr::TableExpr(table) => Kind::Table(table.get_fields().map(|field| self.field(&field)).collect()),
            LuaExpr::LiteralExpr(literal) => literal_kind(literal),
            LuaExpr::BinaryExpr(binary) => match binary.get_exprs() {
                Some((left, right)) => {
                    let op = match binary.get_op_token().map(|token| token.get_op()) {
                        Some(BinaryOperator::OpAnd) => Op::And,
                        Some(BinaryOperator::OpOr) => Op::Or,
                        _ => Op::Other,
                    };
                    Kind::Binary { op, left: Box::new(self.expr(&left)), right: Box::new(self.expr(&right)) }
                }
                None => Kind::Unknown,
            },
            LuaExpr::UnaryExpr(unary) => match unary.get_expr() {
                Some(value) => {
                    let op = match unary.get_op_token().map(|token| token.get_op()) {
                        Some(UnaryOperator::OpUnm) => Unary::Minus,
                        Some(UnaryOperator::OpNot) => Unary::Not,
                        _ => Unary::Other,
                    };
                    Kind::Unary { op, value: Box::new(self.expr(&value)) }
                }
                None => Kind::Unknown,
            },
            LuaExpr::ClosureExpr(closure) => Kind::Function(Box::new(self.function(closure, false))),
            LuaExpr::ParenExpr(paren) => match paren.get_expr() {
                Some(inner) => Kind::Paren(Box::new(self.expr(&inner))),
                None => Kind::Unknown,
            },
            LuaExpr::NameExpr(name) => match name.get_name_token() {
                Some(token) => {
                    let text = token.get_name_text();
                    Kind::Name(text.to_owned(), self.lookup(text))
                }
                None => Kind::Unknown,
            },
            LuaExpr::IndexExpr(index) => self.index(index),
            LuaExpr::TernaryExpr(_) => Kind::Unknown,
        };
        Expr { kind, range: range(expr) }
    }

    fn index(&mut self, index: &LuaIndexExpr) -> Kind {
        let mut children = index.children::<LuaExpr>();
        let Some(base) = children.next() else { return Kind::Unknown };
        let base = Box::new(self.expr(&base));
        let key = match children.next() {
            Some(key) => self.key(&key),
            None => match index.get_name_token() {
                Some(token) => Key::Name(name_of(&token)),
                None => return Kind::Unknown,
            },
        };
        Kind::Index { base, key }
    }

    /// Reads the key in brackets; a text is as good as a name.
    fn key(&mut self, key: &LuaExpr) -> Key {
        let key = self.expr(key);
        match key.kind {
            Kind::Text(text) => Key::Name(Name { text, range: key.range }),
            _ => Key::Expr(Box::new(key)),
        }
    }

    fn call(&mut self, call: &LuaCallExpr) -> Expr {
        let Some(callee) = call.get_prefix_expr() else { return Expr { kind: Kind::Unknown, range: range(call) } };
        let colon = match &callee {
            LuaExpr::IndexExpr(index) => index.get_index_token().is_some_and(|token: LuaIndexToken| token.is_colon()),
            _ => false,
        };
        let callee = Box::new(self.expr(&callee));
        let args = call.get_args_list().map(|list| self.exprs(list.get_args())).unwrap_or_default();
        Expr { kind: Kind::Call { callee, args, colon }, range: range(call) }
    }

    fn field(&mut self, field: &LuaTableField) -> Field {
        let doc = self.doc(field);
        if field.is_value_field() {
            let value = field.child::<LuaExpr>().map(|value| self.expr(&value));
            return Field { key: None, value: value.unwrap_or_else(|| unknown(field)), doc };
        }
        let mut exprs: Vec<LuaExpr> = field.children::<LuaExpr>().collect();
        let value = exprs.pop().map(|value| self.expr(&value)).unwrap_or_else(|| unknown(field));
        let key = match exprs.pop() {
            Some(key) => self.key(&key),
            None => match field.token::<LuaNameToken>() {
                Some(token) => Key::Name(name_of(&token)),
                None => Key::Expr(Box::new(unknown(field))),
            },
        };
        Field { key: Some(key), value, doc }
    }

    /// Reads the annotations above a statement or a field.
    fn doc(&mut self, owner: &impl LuaCommentOwner) -> Option<Doc> {
        let comment = owner.get_left_comment()?;
        let mut doc = Doc::default();
        for tag in comment.get_doc_tags() {
            match tag {
                LuaDocTag::Param(param) => {
                    let type_text = param.get_type().map(|of| of.get_text());
                    let optional = param.is_nullable() || type_text.as_deref().is_some_and(takes_nil);
                    let name = match (param.is_vararg(), param.get_name_token()) {
                        (true, _) => Name { text: "...".to_owned(), range: range(&param) },
                        (false, Some(token)) => name_of(&token),
                        (false, None) => continue,
                    };
                    doc.params.push(DocParam { name, optional, type_text });
                }
                LuaDocTag::Return(returned) => {
                    let types: Vec<String> = returned.get_types().map(|of| of.get_text()).collect();
                    doc.returns.push(DocReturn { range: range(&returned), type_text: types.join(", ") });
                }
                LuaDocTag::Overload(_) => doc.overloads = true,
                _ => {}
            }
        }
        Some(doc)
    }

    /// Notes the types that a comment declares and names.
    fn types(&mut self, comment: &LuaComment) {
        for node in comment.descendants::<LuaAst>() {
            let declared = match &node {
                LuaAst::LuaDocTagClass(class) => class.get_name_token(),
                LuaAst::LuaDocTagAlias(alias) => alias.get_name_token(),
                LuaAst::LuaDocTagEnum(of) => of.get_name_token(),
                LuaAst::LuaDocTagMeta(_) => {
                    self.tree.is_meta = true;
                    None
                }
                LuaAst::LuaDocTagGeneric(generic) => {
                    let names = generic.get_generic_decl_list().into_iter().flat_map(|list| list.get_generic_decl());
                    self.tree
                        .types
                        .extend(names.filter_map(|decl| Some(decl.get_name_token()?.get_name_text().to_owned())));
                    None
                }
                LuaAst::LuaDocNameType(name) => {
                    self.tree.type_uses.extend(name.get_name_token().map(|token| name_of(&token)));
                    None
                }
                _ => None,
            };
            self.tree.types.extend(declared.map(|token| token.get_name_text().to_owned()));
        }
    }
}

fn unknown(node: &impl LuaAstNode) -> Expr {
    Expr { kind: Kind::Unknown, range: range(node) }
}

fn literal_kind(literal: &LuaLiteralExpr) -> Kind {
    match literal.get_literal() {
        Some(LuaLiteralToken::String(token)) => Kind::Text(token.get_value()),
        Some(LuaLiteralToken::Number(token)) => match token.get_number_value() {
            NumberResult::Int(value) => Kind::Int(value),
            NumberResult::Uint(value) => Kind::Float(value as f64),
            NumberResult::Float(value) => Kind::Float(value),
            NumberResult::Number => Kind::Unknown,
        },
        Some(LuaLiteralToken::Bool(token)) => Kind::Bool(token.is_true()),
        Some(LuaLiteralToken::Nil(_)) => Kind::Nil,
        Some(LuaLiteralToken::Dots(_)) => Kind::Rest,
        Some(LuaLiteralToken::Question(_)) | None => Kind::Unknown,
    }
}

/// Tells whether nil is among the types of a union.
fn takes_nil(type_text: &str) -> bool {
    let words = type_text.split(|character: char| !(character.is_alphanumeric() || "._?".contains(character)));
    type_text.ends_with('?') || words.into_iter().any(|word| matches!(word, "nil" | "any" | "unknown"))
}

impl Expr {
    /// Returns the expression without the brackets around it.
    pub fn plain(&self) -> &Expr {
        match &self.kind {
            Kind::Paren(inner) => inner.plain(),
            _ => self,
        }
    }

    /// Returns the text of a string that is written out.
    pub fn as_text(&self) -> Option<&str> {
        match &self.plain().kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the local that a name means.
    pub fn as_local(&self) -> Option<LocalId> {
        match self.plain().kind {
            Kind::Name(_, id) => id,
            _ => None,
        }
    }

    /// Returns the global that a name means.
    pub fn as_global(&self) -> Option<&str> {
        match &self.plain().kind {
            Kind::Name(name, None) => Some(name),
            _ => None,
        }
    }

    /// Returns the name that is read off something: `b` of `a.b`.
    pub fn as_field(&self) -> Option<(&Expr, &Name)> {
        match &self.plain().kind {
            Kind::Index { base, key: Key::Name(name) } => Some((base, name)),
            _ => None,
        }
    }

    /// Returns the module that is required, when this is a call of `require` with a text.
    pub fn as_require(&self) -> Option<(&str, Range)> {
        let Kind::Call { callee, args, .. } = &self.plain().kind else { return None };
        match (callee.as_global(), args.as_slice()) {
            (Some("require"), [name]) => Some((name.as_text()?, name.range)),
            _ => None,
        }
    }
}
