"""What the product's databases share: one writer, readers that cannot write, migrations, kinds of columns."""
