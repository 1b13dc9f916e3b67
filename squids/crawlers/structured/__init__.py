"""What pages say of themselves for machines: JSON-LD, microdata, RDFa, OpenGraph."""
