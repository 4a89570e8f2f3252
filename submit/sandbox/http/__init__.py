"""The HTTP side of the sandbox: queue, storage, request list, as each of fal's hosts answers."""
