"""What ``gradproof bench`` measured: the format of its folder, and the table and the page that are made of it."""
