"""One TOML for each endpoint, read into an EndpointSpec and validated; adding a file adds an endpoint."""

from prep.specs.load import DEFAULT_ENDPOINT, all_specs, load_spec, parse_spec, read_spec

__all__ = ["DEFAULT_ENDPOINT", "all_specs", "load_spec", "parse_spec", "read_spec"]
