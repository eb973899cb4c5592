"""What the API and the console share: routes with their permission, sessions, headers, limits."""
