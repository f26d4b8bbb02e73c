insert into projections (name, version, shape, state, log_id, position, epoch)
values ($1, $2, $3, $4, $5, 0, 0)
