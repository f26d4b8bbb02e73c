delete from person_keys where person like 'ticket-%' and created_at < $1 returning person
