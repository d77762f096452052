"""One file a command group. The root command imports a file when its command is called, not before."""
