select sealed_key, sealed_value from webhook_secrets where webhook = $1
