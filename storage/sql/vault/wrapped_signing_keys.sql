select kid as name, wrapped from signing_keys where kid > $1 order by kid limit $2
