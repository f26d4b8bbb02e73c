delete from second_factors where staff = $1
