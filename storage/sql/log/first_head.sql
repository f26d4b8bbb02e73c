insert into log_head (singleton, log_id, position) values (1, $1, 0) on conflict (singleton) do nothing
