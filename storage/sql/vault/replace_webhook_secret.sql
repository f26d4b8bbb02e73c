update webhook_secrets set sealed_key = $2, sealed_value = $3 where webhook = $1
