delete from passwords where staff = $1
