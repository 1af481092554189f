"""A world made by many processes, slice by slice: what each does (`worker`), and who tells them what to do."""
