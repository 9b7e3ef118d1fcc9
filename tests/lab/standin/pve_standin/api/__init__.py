"""The API: method registry, parameter schema, dispatch (local or to another node) and the HTTPS server."""
