delete from passes
