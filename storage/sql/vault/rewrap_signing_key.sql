update signing_keys set wrapped = $2 where kid = $1
