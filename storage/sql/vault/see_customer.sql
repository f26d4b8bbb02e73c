update customers set seen_at = $2 where customer = $1
