insert into checkpoints (name, log_id, position) values ($1, $2, $3) on conflict (name) do nothing
