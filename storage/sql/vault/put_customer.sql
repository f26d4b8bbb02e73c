insert into customers (customer, registered_at, seen_at) values ($1, $2, $2) on conflict (customer) do nothing
