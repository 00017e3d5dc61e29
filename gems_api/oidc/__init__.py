"""The only part that speaks OpenID Connect: discovery, codes and ID tokens."""
