"""HTTP as feeds need it: limits, redirects, validators, robots.txt, safe addresses."""
