"""What all pages share: lists that stay fast, words and badges, filters, and parts that concerns add to pages."""
