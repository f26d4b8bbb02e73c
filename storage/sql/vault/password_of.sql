select phc from passwords where staff = $1
