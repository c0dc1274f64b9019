"""What a therapist's pages show: the work list, one patient's treatment, what was handed in, handing over."""
