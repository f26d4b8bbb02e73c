delete from webhook_secrets where webhook = $1
