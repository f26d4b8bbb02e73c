select count(*) from recovery_codes where staff = $1
