"""Adapters: the ports of `loanperf.ports` over real things."""
