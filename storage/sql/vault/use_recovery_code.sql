delete from recovery_codes where staff = $1 and code_index = $2
