"""What the pages are built of: widgets that ask and show, and ask the state to change; they hold nothing of their own."""
