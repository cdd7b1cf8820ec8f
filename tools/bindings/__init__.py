"""The low layers of the bindings, made of the headers in include/: one module for each language."""
