select customer, registered_at, seen_at from customers where seen_at < $1 order by seen_at, customer limit $2
