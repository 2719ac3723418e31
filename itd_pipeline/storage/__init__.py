"""The lake: Parquet files with manifests, and DuckDB over them."""
