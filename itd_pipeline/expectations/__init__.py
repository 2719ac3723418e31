"""Great Expectations, and nothing else. It is imported only when a check runs: that takes seconds."""
