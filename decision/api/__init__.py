"""The JSON API of the core: the same station as the console's, for programs; OpenAPI 3.1."""
