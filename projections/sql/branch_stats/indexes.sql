create index {branch_days}_day on {branch_days} (business_day, branch);
create index {branch_hours}_day on {branch_hours} (business_day, branch);
