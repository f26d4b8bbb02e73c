//! Customers: what they change themselves, and what is done about them.

use async_graphql::{Context, Object, Result};
use talon_core::{
    customer::event::{EraseReason, ErasedBy, PersonalField},
    fact::Actor,
    ids::{BranchId, CommandId, CustomerId, TicketId},
    organisation::ConsentText,
    refusal::Refusal,
    text::LocalText,
};

use crate::{
    auth::{AccessDenied, Permission},
    customers::{Customers, ProfileChange, Reveal},
    graphql::{
        context::{self, Road},
        model::{
            customer::{Account, Customer, Revealed},
            input::{
                ChangeMyProfileInput, EraseCustomerInput, EraseMeInput, GiveConsentInput,
                PublishConsentTextInput, RemoveMyContactInput, RevealPersonalDataInput, WithdrawConsentInput,
            },
            payload::{self, AccountPayload, ConsentTextPayload, CustomerPayload, RevealPayload},
        },
        query::{
            customer::{denied_by, shown},
            ticket::found,
        },
    },
};

/// What a customer does about themselves.
#[derive(Debug, Default)]
pub struct AccountMutations;

#[Object]
impl AccountMutations {
    /// Changes one's own name or language.
    async fn change_my_profile(
        &self,
        ctx: &Context<'_>,
        input: ChangeMyProfileInput,
    ) -> Result<AccountPayload> {
        let (id, actor) = myself(ctx)?;
        let change = ProfileChange { name: input.name, language: input.language };
        let done = customers(ctx).change_profile(&id, change, actor, CommandId(input.command_id)).await;
        account(ctx, &id, done).await
    }

    /// Gives up a way to be reached and to sign in; the last one stays.
    async fn remove_my_contact(
        &self,
        ctx: &Context<'_>,
        input: RemoveMyContactInput,
    ) -> Result<AccountPayload> {
        let (id, actor) = myself(ctx)?;
        let press = CommandId(input.command_id);
        let done = customers(ctx).remove_contact(&id, &input.contact, actor, press).await;
        account(ctx, &id, done).await
    }

    /// Agrees to a text that is in force.
    async fn give_consent(&self, ctx: &Context<'_>, input: GiveConsentInput) -> Result<AccountPayload> {
        let (id, actor) = myself(ctx)?;
        let (purpose, press) = (input.purpose.0, CommandId(input.command_id));
        let done = match u32::try_from(input.text_version) {
            Ok(version) => customers(ctx).give_consent(&id, &purpose, version, actor, press).await,
            Err(_) => Err(AccessDenied::Malformed { field: "version" }),
        };
        account(ctx, &id, done).await
    }

    /// Agrees no longer.
    async fn withdraw_consent(
        &self,
        ctx: &Context<'_>,
        input: WithdrawConsentInput,
    ) -> Result<AccountPayload> {
        let (id, actor) = myself(ctx)?;
        let press = CommandId(input.command_id);
        let done = customers(ctx).withdraw_consent(&id, &input.purpose.0, actor, press).await;
        account(ctx, &id, done).await
    }

    /// Erases whoever asks, for ever: name, contacts, sign-ins, and what joined their visits. Cannot be undone.
    async fn erase_me(&self, ctx: &Context<'_>, input: EraseMeInput) -> Result<CustomerPayload> {
        let (id, actor) = myself(ctx)?;
        let (by, reason) = (ErasedBy::Customer, EraseReason::Request);
        let done = customers(ctx).erase(&id, by, reason, actor, CommandId(input.command_id)).await;
        pseudonym(ctx, &id, done).await
    }
}

/// What is done about customers.
#[derive(Debug, Default)]
pub struct CustomerMutations;

#[Object]
impl CustomerMutations {
    /// Erases a customer for ever. Cannot be undone.
    async fn erase_customer(&self, ctx: &Context<'_>, input: EraseCustomerInput) -> Result<CustomerPayload> {
        let actor = actor(ctx, Permission::EraseCustomers, None)?;
        let (id, press) = (input.customer.0, CommandId(input.command_id));
        let reason = input.reason.into();
        let done = customers(ctx).erase(&id, ErasedBy::Staff, reason, actor, press).await;
        pseudonym(ctx, &id, done).await
    }

    /// Shows who somebody is. That it was shown, to whom and why is written down first. By a ticket it is allowed in
    /// the ticket's branch; otherwise it needs the permission for the whole organisation.
    async fn reveal_personal_data(
        &self,
        ctx: &Context<'_>,
        input: RevealPersonalDataInput,
    ) -> Result<RevealPayload> {
        let permission = Permission::RevealPersonalData;
        let press = CommandId(input.command_id);
        let mut fields: Vec<PersonalField> = input.fields.into_iter().map(PersonalField::from).collect();
        fields.sort_unstable();
        fields.dedup();
        let reason = input.reason.into();
        let ticket = input.ticket_id.map(TicketId);
        let done = match (input.customer, input.staff, ticket) {
            (Some(id), None, None) => {
                let actor = actor(ctx, permission, None)?;
                customers(ctx).reveal(&id.0, Reveal { fields, reason, ticket }, actor, press).await
            }
            (None, Some(id), None) => {
                let actor = actor(ctx, permission, None)?;
                ctx.app().access.reveal_staff(&id.0, fields, reason, actor, press).await
            }
            (None, None, Some(of)) => {
                let branch = found(ctx, of).await?.map(|it| it.branch.0);
                let actor = actor(ctx, permission, branch.as_ref())?;
                match customers(ctx).of_ticket(of).await.map_err(|denied| denied_by(ctx, denied))? {
                    Some(id) => {
                        customers(ctx).reveal(&id, Reveal { fields, reason, ticket }, actor, press).await
                    }
                    None => Err(AccessDenied::Refused(Refusal::UnknownThing { what: "customer" })),
                }
            }
            _ => {
                actor(ctx, permission, None)?;
                Err(AccessDenied::Malformed { field: "customer" })
            }
        };
        match done {
            Ok((revealed, position)) => Ok(RevealPayload {
                revealed: Some(Revealed::from(revealed)),
                position: Some(ctx.position(position)),
                refusal: None,
            }),
            Err(denied) => {
                Ok(RevealPayload { refusal: Some(refused(ctx, denied)?), ..RevealPayload::default() })
            }
        }
    }

    /// Publishes the next text of a purpose: whoever agreed to the former one is asked again.
    async fn publish_consent_text(
        &self,
        ctx: &Context<'_>,
        input: PublishConsentTextInput,
    ) -> Result<ConsentTextPayload> {
        let actor = actor(ctx, Permission::ManageConsentTexts, None)?;
        let (ru, en) = (input.text_ru, input.text_en);
        let done = match u32::try_from(input.version) {
            Ok(version) => {
                let text = ConsentText { version, text: LocalText { ru, en }, required: input.required };
                let press = CommandId(input.command_id);
                let sent =
                    customers(ctx).publish_consent_text(&input.purpose.0, text.clone(), actor, press).await;
                sent.map(|position| (text, position))
            }
            Err(_) => Err(AccessDenied::Malformed { field: "version" }),
        };
        match done {
            Ok((text, position)) => Ok(ConsentTextPayload {
                consent_text: Some(shown(input.purpose, text)),
                position: Some(ctx.position(position)),
                refusal: None,
            }),
            Err(denied) => Ok(ConsentTextPayload {
                refusal: Some(refused(ctx, denied)?),
                ..ConsentTextPayload::default()
            }),
        }
    }
}

fn customers<'a>(ctx: &'a Context<'_>) -> &'a Customers {
    ctx.app().access.customers()
}

fn actor(ctx: &Context<'_>, permission: Permission, branch: Option<&BranchId>) -> Result<Actor> {
    ctx.asking().principal.actor(permission, branch).map_err(|denied| ctx.denied(denied))
}

/// The customer who asks, and how facts name them.
fn myself(ctx: &Context<'_>) -> Result<(CustomerId, Actor)> {
    let actor = actor(ctx, Permission::ManageOwnAccount, None)?;
    let id = ctx.asking().principal.customer_id().ok_or_else(|| ctx.failure("FORBIDDEN"))?;
    Ok((id.clone(), actor))
}

async fn account(
    ctx: &Context<'_>,
    id: &CustomerId,
    done: std::result::Result<u64, AccessDenied>,
) -> Result<AccountPayload> {
    match done {
        Ok(position) => {
            let profile = customers(ctx).profile(id).await.map_err(|denied| denied_by(ctx, denied))?;
            let account = profile.map(Account::from);
            Ok(AccountPayload { account, position: Some(ctx.position(position)), refusal: None })
        }
        Err(denied) => {
            Ok(AccountPayload { refusal: Some(refused(ctx, denied)?), ..AccountPayload::default() })
        }
    }
}

async fn pseudonym(
    ctx: &Context<'_>,
    id: &CustomerId,
    done: std::result::Result<u64, AccessDenied>,
) -> Result<CustomerPayload> {
    match done {
        Ok(position) => {
            let known = customers(ctx).pseudonym(id).await.map_err(|denied| denied_by(ctx, denied))?;
            let customer = known.map(Customer::from);
            Ok(CustomerPayload { customer, position: Some(ctx.position(position)), refusal: None })
        }
        Err(denied) => {
            Ok(CustomerPayload { refusal: Some(refused(ctx, denied)?), ..CustomerPayload::default() })
        }
    }
}

/// A no as a payload shows it; what is no answer is a failure.
fn refused(ctx: &Context<'_>, denied: AccessDenied) -> Result<payload::Refusal> {
    let nowhere = BranchId::trusted("-");
    match denied {
        AccessDenied::Refused(refusal) => Ok(ctx.refusal(&refusal, &nowhere)),
        AccessDenied::Malformed { field } => Ok(ctx.refusal(&Refusal::Malformed { what: field }, &nowhere)),
        other => Err(context::failed(ctx, &other)),
    }
}
