"""Keeps count of the things in a storeroom."""

from dataclasses import dataclass, field

__all__ = ["Item", "Storeroom", "OutOfStock", "total_value"]

LOW_STOCK = 5


class OutOfStock(Exception):
    """Raised when more is taken than there is."""

    def __init__(self, name, wanted):
        super().__init__(f"not enough {name}: {wanted} wanted")
        self.name = name


@dataclass
class Item:
    name: str
    count: int
    price: float = 0.0


@dataclass
class Storeroom:
    items: dict = field(default_factory=dict)

    def add(self, name, count, price=0.0):
        """Adds things; a negative count is a mistake."""
        if count <= 0:
            raise ValueError("count must be positive")
        known = self.items.get(name)
        if known is None:
            self.items[name] = Item(name, count, price)
        else:
            known.count += count

    def withdraw(self, name, count):
        item = self.items.get(name)
        if item is None or item.count < count:
            raise OutOfStock(name, count)
        item.count -= count
        _audit("withdraw", name, count)
        return item.count

    def running_low(self):
        return [item for item in self.items.values() if item.count < LOW_STOCK]


def total_value(room):
    """The worth of all things together."""
    return sum(item.count * item.price for item in room.items.values())


def _audit(what, name, count):
    print(f"{what}: {count} x {name}")
