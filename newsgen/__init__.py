"""newsgen: a newsroom engine. Market metrics in, checked and published articles out."""

__version__ = "0.1.0"
__all__ = ["__version__"]
