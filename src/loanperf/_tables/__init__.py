"""Tables: checked columns, from arrays and data frames, and what is done with whole columns of them."""
