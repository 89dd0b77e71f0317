"""What the processes say to each other, and the texts for the codes they say it with."""
