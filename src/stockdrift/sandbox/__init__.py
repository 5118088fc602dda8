"""A simulated store on loopback that speaks the vendors' real wire formats: demo, tests, benchmarks."""
