"""The review page: references, plan, price and job in a browser on this machine. Needs the extra ``review``."""
