"""What is done to the deployed package, act by act: run by `make rehearse`, not by the tests."""
