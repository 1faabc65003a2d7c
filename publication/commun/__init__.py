"""What every floor of `publication` shares and no reading of a release needs: colours, letters, files."""
