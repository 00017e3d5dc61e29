"""The HTTP side: routes, authentication, problem details and the OpenAPI description."""
