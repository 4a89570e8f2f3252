"""HTTP handlers of the sandbox: queue, storage and request list, one module for each of fal's hosts."""
