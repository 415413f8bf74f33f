"""Keep what is known true: new against old."""
