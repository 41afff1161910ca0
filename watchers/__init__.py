"""The watchers: they fetch and read sources, match what they find, and group it into stories."""

from watchers.own_packages import require_own

require_own("seeds")
