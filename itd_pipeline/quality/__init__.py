"""What must hold of a table, as plain data and SQL: no Great Expectations, no Dagster."""
