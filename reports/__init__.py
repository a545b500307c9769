"""What is made of a run: its folder's format, tables, the summary and the page. No framework, no harness."""
