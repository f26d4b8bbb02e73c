delete from refresh_tokens where family in (select family from sessions where person = $1)
