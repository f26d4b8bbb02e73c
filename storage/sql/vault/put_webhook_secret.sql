insert into webhook_secrets (webhook, sealed_key, sealed_value) values ($1, $2, $3) on conflict (webhook) do nothing
