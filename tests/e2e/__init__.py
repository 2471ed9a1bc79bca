"""`make rehearse`: the package that users deploy, deployed to a local engine and driven through."""
