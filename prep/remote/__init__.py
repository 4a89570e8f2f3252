"""References by URL: which addresses may be asked, how their bytes are read. The only room of prep with a network."""
