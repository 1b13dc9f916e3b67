"""Contacts of a site: e-mails, phone numbers and social profiles, and the walk that finds them."""
