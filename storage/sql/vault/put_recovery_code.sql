insert into recovery_codes (staff, code_index) values ($1, $2) on conflict (staff, code_index) do nothing
