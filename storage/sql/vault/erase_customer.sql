delete from customers where customer = $1
