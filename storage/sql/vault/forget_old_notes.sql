delete from person_keys where created_at < $1 and (visit is not null or person like 'ticket-%') returning key, person
