select secret, created_at, confirmed_at from second_factors where staff = $1
