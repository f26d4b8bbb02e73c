select customer, registered_at, seen_at from customers where customer = $1
