"""Zaklik: petitions and alerts for campaigns where being on the list is dangerous."""
