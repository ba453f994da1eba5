"""One topic of the record per file: resources in, findings out."""
