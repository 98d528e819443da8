"""What people work towards, and what it brings them."""
