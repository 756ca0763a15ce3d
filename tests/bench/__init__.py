"""What holds for the measurements in bench/."""
