"""Invoices of a small workshop."""

import csv
from decimal import Decimal
from dataclasses import dataclass, field

VAT_RATE = Decimal("0.19")


class UnknownCustomer(Exception):
    """A customer who is in no list."""


@dataclass
class Invoice:
    """One invoice with its lines."""

    customer: str
    lines: list = field(default_factory=list)

    def add_line(self, text, amount):
        """Adds a line; amounts are in cents."""
        if amount < 0:
            raise ValueError("an amount is negative")
        self.lines.append((text, amount))

    @property
    def total(self):
        return _with_vat(sum(amount for _, amount in self.lines))


def load_customers(path):
    with open(path) as file:
        return {row["id"]: row["name"] for row in csv.DictReader(file)}


def write_invoice(customer, lines, customers):
    """Makes an invoice for a known customer."""
    if customer not in customers:
        raise UnknownCustomer(customer)
    invoice = Invoice(customers[customer])
    for text, amount in lines:
        invoice.add_line(text, amount)
    return invoice


def _with_vat(cents):
    return int(cents * (1 + VAT_RATE))


def main():
    customers = load_customers("customers.csv")
    print(write_invoice("c1", [("repair", 4200)], customers).total)


if __name__ == "__main__":
    main()
