"""Studies of a whole station in the twin's virtual time: the product's controller, no people but drivers."""
