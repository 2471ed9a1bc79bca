"""How a person is filed without a name: blind indexes, sealed records, links, mails."""
