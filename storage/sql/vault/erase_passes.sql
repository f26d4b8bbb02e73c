delete from passes where person = $1
