create index {tickets}_issued_at on {tickets} (issued_at, ticket_id);
create index {tickets}_branch on {tickets} (branch, issued_at, ticket_id);
create index {tickets}_day on {tickets} (branch, business_day, service);
create index {tickets}_number on {tickets} (number, business_day);
create index {tickets}_external_id on {tickets} (data_set, external_id);
