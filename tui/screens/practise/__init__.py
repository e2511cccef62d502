"""The screens on which a trainee practises."""
