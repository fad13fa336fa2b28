"""`python -m loanperf` is the command `loanperf`."""

from loanperf.cli import main

if __name__ == "__main__":
    main()
