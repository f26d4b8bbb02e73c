select visit, created_at from person_keys where person = $1 and visit is not null order by created_at desc, visit desc
