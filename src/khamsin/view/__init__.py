"""What people see: map, charts, report, web app. Files of ensembles in, pictures out."""
