//! Customers: their own account, and pseudonyms for those who look after them.

use async_graphql::{ComplexObject, Context, Object, Result};
use talon_core::ids::TicketId;

use crate::{
    auth::{AccessDenied, Permission},
    graphql::{
        context::{self, Road},
        model::customer::{Account, ConsentText, ContactKind, Customer, Visit},
        query::ticket::found,
        scalar::{CustomerId, PurposeCode},
    },
};

/// More visits than anybody scrolls through; a copy of all data has the rest.
const MOST_VISITS: i32 = 200;

#[derive(Debug, Default)]
pub struct CustomerQueries;

#[Object]
impl CustomerQueries {
    /// The account of the customer who asks; nothing for anybody else who may ask.
    async fn my_account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        ctx.require(Permission::ManageOwnAccount, None)?;
        let Some(id) = ctx.asking().principal.customer_id() else { return Ok(None) };
        let profile = ctx.app().access.customers().profile(id).await;
        Ok(profile.map_err(|denied| denied_by(ctx, denied))?.map(Account::from))
    }

    /// The customer whose contact this is, as a pseudonym.
    async fn find_customer(
        &self,
        ctx: &Context<'_>,
        kind: ContactKind,
        value: String,
    ) -> Result<Option<Customer>> {
        ctx.require(Permission::FindCustomers, None)?;
        let customers = ctx.app().access.customers();
        let found = customers.find(kind.into(), &value).await.map_err(|denied| denied_by(ctx, denied))?;
        let Some(id) = found else { return Ok(None) };
        let known = customers.pseudonym(&id).await.map_err(|denied| denied_by(ctx, denied))?;
        Ok(known.map(Customer::from))
    }

    /// A customer by pseudonym, erased or not.
    async fn customer(&self, ctx: &Context<'_>, id: CustomerId) -> Result<Option<Customer>> {
        ctx.require(Permission::FindCustomers, None)?;
        let known = ctx.app().access.customers().pseudonym(&id.0).await;
        Ok(known.map_err(|denied| denied_by(ctx, denied))?.map(Customer::from))
    }

    /// What customers are asked to agree to at this moment.
    async fn consent_texts(&self, ctx: &Context<'_>) -> Result<Vec<ConsentText>> {
        ctx.require(Permission::ReadConsentTexts, None)?;
        let texts = ctx.app().access.customers().consent_texts().await;
        let texts = texts.map_err(|denied| denied_by(ctx, denied))?;
        Ok(texts.into_iter().map(|(purpose, it)| shown(PurposeCode(purpose), it)).collect())
    }
}

#[ComplexObject]
impl Account {
    /// Tickets of one's own, the newest first; at most 200.
    async fn visits(&self, ctx: &Context<'_>, #[graphql(default = 20)] first: i32) -> Result<Vec<Visit>> {
        if !(1..=MOST_VISITS).contains(&first) {
            return Err(ctx.failure("MALFORMED"));
        }
        let visits = ctx.app().access.customers().visits(&self.id.0).await;
        let mut shown = Vec::new();
        for (ticket, _) in visits.map_err(|denied| denied_by(ctx, denied))? {
            if shown.len() >= first as usize {
                break;
            }
            // A try that was refused has a key and no ticket.
            shown.extend(visit(ctx, ticket).await?);
        }
        Ok(shown)
    }
}

async fn visit(ctx: &Context<'_>, ticket: TicketId) -> Result<Option<Visit>> {
    let token = ctx.app().tokens.token(ticket);
    Ok(found(ctx, ticket).await?.map(|it| Visit {
        ticket_id: it.id,
        number: it.number,
        branch: it.branch,
        business_day: it.business_day,
        state: it.state,
        issued_at: it.issued_at,
        ended_at: it.ended_at,
        token,
    }))
}

pub(in crate::graphql) fn shown(
    purpose: PurposeCode,
    text: talon_core::organisation::ConsentText,
) -> ConsentText {
    let version = crate::graphql::model::int(text.version);
    ConsentText { purpose, version, text: (&text.text).into(), required: text.required }
}

/// A question that cannot be answered: malformed, or nobody is there to answer it.
pub(in crate::graphql) fn denied_by(ctx: &Context<'_>, denied: AccessDenied) -> async_graphql::Error {
    match denied {
        AccessDenied::Malformed { field } => {
            context::answered(ctx, &talon_core::refusal::Refusal::Malformed { what: field }.into())
        }
        AccessDenied::Refused(refusal) => context::answered(ctx, &refusal.into()),
        other => context::failed(ctx, &other),
    }
}
