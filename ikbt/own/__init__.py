"""What a patient's own pages show: the week, the course, the receipt, the tip, next of kin."""
