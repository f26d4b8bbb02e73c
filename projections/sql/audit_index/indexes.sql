create index {audit_index}_ticket on {audit_index} (ticket_id, position);
create index {audit_index}_branch on {audit_index} (branch, position);
create index {audit_index}_actor on {audit_index} (actor, position);
create index {audit_index}_type on {audit_index} (type, position);
create index {audit_index}_subject on {audit_index} (subject, position) where subject is not null;
