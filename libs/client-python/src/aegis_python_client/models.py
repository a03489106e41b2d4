"""What the operations give and take."""

from ._generated.models import *  # noqa: F403
