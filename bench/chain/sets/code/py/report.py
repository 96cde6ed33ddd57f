import csv
import sys

from inventory import Storeroom, total_value


def load_room(path):
    """Reads a storeroom from a CSV file with name, count and price."""
    room = Storeroom()
    with open(path, newline="") as lines:
        for row in csv.DictReader(lines):
            room.add(row["name"], int(row["count"]), float(row["price"]))
    return room


def format_line(item):
    return f"{item.name:<20}{item.count:>6}"


def render_report(room, title="Stock"):
    if not room.items:
        raise LookupError("the storeroom is empty")
    lines = [title, "=" * len(title)]
    lines += [format_line(item) for item in room.items.values()]
    lines.append(f"total {total_value(room):.2f}")
    return "\n".join(lines)


def warn_low(room):
    for item in room.running_low():
        print(f"running low: {item.name}", file=sys.stderr)


def main(argv):
    room = load_room(argv[1])
    print(render_report(room))
    warn_low(room)


if __name__ == "__main__":
    main(sys.argv)
