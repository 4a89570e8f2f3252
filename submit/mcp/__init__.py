"""Tools for agents, served over the Model Context Protocol. Needs the extra ``mcp``; importing this does not."""
