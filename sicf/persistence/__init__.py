"""Fitted estimators in files without pickle: save, load, and the types that may be in them."""

from sicf.persistence._load import load
from sicf.persistence._persistence_error import PersistenceError, PersistenceWarning
from sicf.persistence._save import save
from sicf.persistence._trusted_types import trusted_types

__all__ = ["PersistenceError", "PersistenceWarning", "load", "save", "trusted_types"]
