"""What a camera is: its lens, place and direction, and the ground that it could see on a plain."""
