//! How large a document may be once its fragments are written out, asked before anything walks it.
//!
//! The library's own limits are counted by a walk that follows every spread: thirty fragments that each name the next
//! one twice would keep it busy for hours. Here each fragment is measured once.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{
    Response, ServerError, ServerResult, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextSubscribe},
    parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet},
};
use futures_util::{StreamExt, stream::BoxStream};

/// Directives on one field.
const MOST_DIRECTIVES: usize = 8;
/// Brackets within brackets that a text may have to be read at all: the parser takes time by their power.
const DEEPEST_TEXT: usize = 48;
/// What the library says of its own two limits; it gives them no code.
const LIBRARY_LIMITS: [&str; 2] = ["Query is too complex.", "Query is nested too deep."];

/// The limits of one document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Fields with all fragments written out.
    pub(super) fields: usize,
    /// Fields within fields.
    pub(super) depth: usize,
}

/// How large a part of a document is with its fragments written out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    fields: usize,
    depth: usize,
}

impl Size {
    fn beside(self, other: Self) -> Self {
        Self { fields: self.fields.saturating_add(other.fields), depth: self.depth.max(other.depth) }
    }
}

/// Fragments measured so far; nothing for one that is being measured right now.
type Measured<'a> = BTreeMap<&'a str, Option<Size>>;

impl Bounds {
    /// # Errors
    /// `TOO_COMPLEX`.
    fn check(self, document: &ExecutableDocument) -> ServerResult<()> {
        let mut measured = Measured::new();
        let operations = document.operations.iter().map(|(_, it)| &it.node.selection_set.node);
        // A fragment that nothing names is measured too: the rules walk it all the same.
        let fragments = document.fragments.values().map(|it| &it.node.selection_set.node);
        for part in operations.chain(fragments) {
            let size = self.measure(document, part, 0, &mut measured);
            if size.is_none_or(|size| size.fields > self.fields || size.depth > self.depth) {
                return Err(too_much());
            }
        }
        Ok(())
    }

    /// Each field of a subscription is a line of its own: there is one, as the language says. The document has been
    /// measured.
    fn subscribes_once(document: &ExecutableDocument) -> bool {
        let mut operations = document.operations.iter().map(|(_, it)| &it.node);
        operations
            .all(|it| it.ty != OperationType::Subscription || roots(document, &it.selection_set.node) <= 1)
    }

    /// Nothing for a part that is out of bounds whatever stands around it: fragments in a circle, endless nesting, too
    /// many directives.
    fn measure<'a>(
        self,
        document: &'a ExecutableDocument,
        part: &'a SelectionSet,
        around: usize,
        measured: &mut Measured<'a>,
    ) -> Option<Size> {
        // Inline fragments add no field but do nest; each level of them costs stack.
        if around > 2 * self.depth {
            return None;
        }
        let mut size = Size::default();
        for item in &part.items {
            let inner = match &item.node {
                Selection::Field(field) if field.node.directives.len() > MOST_DIRECTIVES => return None,
                Selection::Field(field) => {
                    let inner =
                        self.measure(document, &field.node.selection_set.node, around + 1, measured)?;
                    Size { fields: inner.fields.saturating_add(1), depth: inner.depth + 1 }
                }
                Selection::InlineFragment(inline) => {
                    self.measure(document, &inline.node.selection_set.node, around + 1, measured)?
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    match (measured.get(name), document.fragments.get(name)) {
                        (Some(known), _) => (*known)?,
                        // An unknown name: the rules will say so.
                        (None, None) => Size::default(),
                        (None, Some(fragment)) => {
                            measured.insert(name, None);
                            let set = &fragment.node.selection_set.node;
                            let inner = self.measure(document, set, around + 1, measured)?;
                            measured.insert(name, Some(inner));
                            inner
                        }
                    }
                }
            };
            size = size.beside(inner);
        }
        Some(size)
    }
}

/// Fields at the top of an operation, those of fragments among them.
fn roots(document: &ExecutableDocument, part: &SelectionSet) -> usize {
    let inner = |item: &Selection| match item {
        Selection::Field(_) => 1,
        Selection::InlineFragment(inline) => roots(document, &inline.node.selection_set.node),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node);
            fragment.map_or(0, |it| roots(document, &it.node.selection_set.node))
        }
    };
    part.items.iter().map(|item| inner(&item.node)).sum()
}

impl ExtensionFactory for Bounds {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_trait::async_trait]
impl Extension for Bounds {
    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        next.run(ctx, stream).map(coded).boxed()
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        if nesting(query) > DEEPEST_TEXT {
            return Err(too_much());
        }
        // The library's own parsing ends with such a walk already: only a text that was measured comes that far.
        let document = async_graphql::parser::parse_query(query)?;
        self.check(&document)?;
        if !Self::subscribes_once(&document) {
            return Err(coded_as(ServerError::new("A subscription has one field.", None), "MALFORMED"));
        }
        next.run(ctx, query, variables).await
    }
}

/// How many brackets of any kind stand open at once, outside strings and comments.
fn nesting(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'{' | b'[' | b'(' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            b'#' => {
                rest =
                    rest.iter().position(|it| matches!(it, b'\n' | b'\r')).map_or(&[][..], |end| &rest[end..])
            }
            b'"' => rest = after_string(rest),
            _ => {}
        }
    }
    deepest
}

/// What follows a string whose first quote was read already.
fn after_string(text: &[u8]) -> &[u8] {
    let (mut rest, is_block) = match text.strip_prefix(b"\"\"") {
        Some(block) => (block, true),
        None => (text, false),
    };
    loop {
        match (is_block, rest) {
            (_, []) => return rest,
            (true, [b'\\', b'"', b'"', b'"', after @ ..]) | (false, [b'\\', _, after @ ..]) => rest = after,
            (true, [b'"', b'"', b'"', after @ ..]) | (false, [b'"', after @ ..]) => return after,
            (_, [_, after @ ..]) => rest = after,
        }
    }
}

fn too_much() -> ServerError {
    coded_as(ServerError::new("This document asks for too much.", None), "TOO_COMPLEX")
}

/// Gives errors that the library made by itself a stable code: our own resolvers set theirs.
pub(super) fn coded(mut response: Response) -> Response {
    for error in &mut response.errors {
        let has_code = error.extensions.as_ref().is_some_and(|it| it.get("code").is_some());
        if !has_code {
            let is_limit = LIBRARY_LIMITS.contains(&error.message.as_str());
            let code = if is_limit { "TOO_COMPLEX" } else { "MALFORMED" };
            *error = coded_as(error.clone(), code);
        }
    }
    response
}

fn coded_as(mut error: ServerError, code: &'static str) -> ServerError {
    error.extensions.get_or_insert_default().set("code", code);
    error
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn is_within(text: &str) -> bool {
        let document = parse_query(text).expect("a document");
        Bounds { fields: 100, depth: 5 }.check(&document).is_ok()
    }

    /// `count` fragments that each name the next one twice.
    fn doubling(count: usize) -> String {
        use std::fmt::Write as _;
        let mut text = String::from("{ ...f0 }");
        for number in 0..count {
            let next = number + 1;
            let _ = write!(text, " fragment f{number} on Query {{ ...f{next} ...f{next} }}");
        }
        text + &format!(" fragment f{count} on Query {{ position }}")
    }

    #[test]
    fn fragments_count_as_often_as_they_are_named() {
        assert!(is_within("{ ...a } fragment a on Query { position }"));
        assert!(is_within(&doubling(6)));
        assert!(!is_within(&doubling(7)));
        assert!(!is_within(&doubling(60)));
    }

    #[test]
    fn a_subscription_is_one_line() {
        let once = |text: &str| Bounds::subscribes_once(&parse_query(text).expect("a document"));
        assert!(once("subscription { a { b c } }") && once("{ a b }"));
        assert!(once("subscription { ...f } fragment f on Subscription { a }"));
        assert!(!once("subscription { x: a y: a }"));
        assert!(!once("subscription { ... { a } ...f } fragment f on Subscription { a }"));
    }

    #[test]
    fn brackets_count_outside_strings_and_comments() {
        assert_eq!(nesting("{ a(b: [{ c: 1 }]) { d } }"), 4);
        assert_eq!(nesting(r#"{ a(b: "((((\"((((") }"#), 2);
        assert_eq!(nesting("{ a(b: \"\"\"((\\\"\"\"((\"\"\") } # ((((\n{"), 2);
        assert_eq!(nesting(r#"{ a(b: "")({[ "#), 4);
        assert_eq!(nesting("\"((("), 0);
    }

    #[test]
    fn circles_depth_and_directives_are_out_of_bounds() {
        assert!(!is_within("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"));
        assert!(!is_within("{ position } fragment a on Query { ...a }"));
        assert!(is_within("{ a { a { a { a { a } } } } }"));
        assert!(!is_within("{ a { a { a { a { a { a } } } } } }"));
        assert!(!is_within(&format!("{{ {} a {} }}", "... {".repeat(20), "}".repeat(20))));
        assert!(!is_within(&format!("{{ a {} }}", "@skip(if: false) ".repeat(9))));
    }
}
