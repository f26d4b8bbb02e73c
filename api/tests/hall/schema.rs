//! The GraphQL interface as its own text tells it, and for every field a well-formed question.

use std::collections::BTreeMap;

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, EnumType, FieldDefinition, InputObjectType, InputValueDefinition, ObjectType, Type,
            TypeKind, TypeSystemDefinition,
        },
    },
};
use serde_json::{Map, Value, json};

use crate::house::{BRANCH, new_id};

/// What stands in questions where the type alone does not tell what to say: by the name of the argument.
pub(crate) type Words = BTreeMap<&'static str, Value>;

/// All types by name.
pub(crate) struct Interface {
    types: BTreeMap<String, TypeKind>,
}

impl Interface {
    pub(crate) fn of(sdl: &str) -> Self {
        let document = parse_schema(sdl).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(it) => Some((it.node.name.node.to_string(), it.node.kind)),
            TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
        });
        Self { types: types.collect() }
    }

    /// Every field of `Query`, `Mutation` or `Subscription`.
    pub(crate) fn fields(&self, root: &str) -> Vec<&FieldDefinition> {
        self.object(root).map(|it| it.fields.iter().map(|field| &field.node).collect()).unwrap_or_default()
    }

    fn object(&self, name: &str) -> Option<&ObjectType> {
        match self.types.get(name)? {
            TypeKind::Object(it) => Some(it),
            _ => None,
        }
    }

    /// A question that names every required argument and those of `words` that the field has.
    pub(crate) fn question(
        &self,
        root: &str,
        field: &FieldDefinition,
        words: &Words,
        extra: &Value,
    ) -> (String, Value) {
        let name = &field.name.node;
        let mut variables = Map::new();
        let (mut heads, mut arguments) = (Vec::new(), Vec::new());
        for argument in &field.arguments {
            let argument = &argument.node;
            let key = argument.name.node.as_str();
            let wanted = extra.get(key).cloned();
            let value = if required(argument) { self.sample(argument, words) } else { Value::Null };
            let value = merged(value, wanted);
            if value.is_null() {
                continue;
            }
            heads.push(format!("${key}: {}", argument.ty.node));
            arguments.push(format!("{key}: ${key}"));
            variables.insert(key.to_owned(), value);
        }
        let list = |open: &str, items: Vec<String>| {
            if items.is_empty() { String::new() } else { format!("({open}{})", items.join(", ")) }
        };
        let operation = root.to_lowercase();
        let selection = self.selection(&field.ty.node);
        let text =
            format!("{operation} asked{} {{ {name}{} {selection} }}", list("", heads), list("", arguments));
        (text, Value::Object(variables))
    }

    /// A mutation with this input; branch and command id are filled in.
    pub(crate) fn press(&self, mutation: &str, input: Value) -> (String, Value) {
        let fields = self.fields("Mutation");
        let field =
            fields.into_iter().find(|it| it.name.node == mutation).unwrap_or_else(|| panic!("no {mutation}"));
        let kind = &field.arguments[0].node.ty.node;
        let mut own = json!({ "commandId": new_id() });
        if self.takes(&kind.base, "branch") {
            own["branch"] = json!(BRANCH);
        }
        let input = merged(own, Some(input));
        let ticket = "ticket { id number state }";
        let selection = match field.ty.node.to_string().trim_end_matches('!') {
            "TicketPayload" | "UndoPayload" => {
                format!("{{ {ticket} window {{ code }} position refusal {{ code }} }}")
            }
            "WindowPayload" => "{ window { code state } position refusal { code } }".to_owned(),
            "DayPayload" => "{ day { date state } position refusal { code } }".to_owned(),
            "RevealPayload" => {
                "{ revealed { name phones emails messengers } position refusal { code } }".to_owned()
            }
            "StaffPayload" => "{ staff { id name email dismissed hasPassword skills effectiveSkills branches everywhere \
                               roles { role name { en } scope { organisation regions branches } } positions { code } } \
                               invitation { link mailed } position refusal { code field } }"
                .to_owned(),
            _ => "{ refusal { code } }".to_owned(),
        };
        let text = format!("mutation press($input: {kind}) {{ {mutation}(input: $input) {selection} }}");
        (text, json!({ "input": input }))
    }

    /// Whether an input object has such a field.
    fn takes(&self, kind: &BaseType, field: &str) -> bool {
        let BaseType::Named(name) = kind else { return false };
        match self.types.get(name.as_str()) {
            Some(TypeKind::InputObject(InputObjectType { fields })) => {
                fields.iter().any(|it| it.node.name.node == field)
            }
            _ => false,
        }
    }

    fn sample(&self, argument: &InputValueDefinition, words: &Words) -> Value {
        let name = argument.name.node.as_str();
        match &argument.ty.node.base {
            BaseType::List(inner) => json!([self.sample_of(name, inner, words)]),
            BaseType::Named(_) => self.sample_of(name, &argument.ty.node, words),
        }
    }

    fn sample_of(&self, name: &str, kind: &Type, words: &Words) -> Value {
        let BaseType::Named(type_name) = &kind.base else { return json!([]) };
        match self.types.get(type_name.as_str()) {
            Some(TypeKind::InputObject(InputObjectType { fields })) => {
                let needed = fields.iter().map(|it| &it.node).filter(|it| required(it));
                needed.map(|it| (it.name.node.to_string(), self.sample(it, words))).collect()
            }
            Some(TypeKind::Enum(EnumType { values })) => json!(values[0].node.value.node.as_str()),
            _ if name == "commandId" => json!(new_id()),
            _ => words
                .get(name)
                .cloned()
                .unwrap_or_else(|| words.get(type_name.as_str()).cloned().unwrap_or(json!("x"))),
        }
    }

    fn selection(&self, kind: &Type) -> &'static str {
        let mut base = &kind.base;
        while let BaseType::List(inner) = base {
            base = &inner.base;
        }
        let BaseType::Named(name) = base else { return "" };
        let has_refusal = |it: &Positioned<FieldDefinition>| it.node.name.node == Name::new("refusal");
        match self.object(name) {
            Some(object) if object.fields.iter().any(has_refusal) => "{ refusal { code } }",
            Some(_) => "{ __typename }",
            None => "",
        }
    }
}

fn required(argument: &InputValueDefinition) -> bool {
    !argument.ty.node.nullable && argument.default_value.is_none()
}

/// `over` laid over `under`, objects key by key.
fn merged(under: Value, over: Option<Value>) -> Value {
    match (under, over) {
        (under, None) => under,
        (Value::Object(mut under), Some(Value::Object(over))) => {
            for (key, value) in over {
                let below = under.remove(&key).unwrap_or_default();
                under.insert(key, merged(below, Some(value)));
            }
            Value::Object(under)
        }
        (_, Some(over)) => over,
    }
}
