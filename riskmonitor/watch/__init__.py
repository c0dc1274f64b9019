"""Who watches the chain: the guard, pulses, looking back, the watcher outside, and the days that nobody covers."""
