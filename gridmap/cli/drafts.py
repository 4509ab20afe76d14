"""Several files written as one."""

from gridmap.drafts import drafts

__all__ = ["drafts"]
