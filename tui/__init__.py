"""What people see and type: command line, app, screens, widgets."""
