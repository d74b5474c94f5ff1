"""The verbs that need several stages, each one public function; the command line calls the same."""
