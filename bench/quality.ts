/** A bound on a figure of answers. A floor that does not hold fails the bench; an aim is reported. */
export type QualityGoal = {
  readonly name: string
  readonly isFloor: boolean
  readonly value: number
  readonly holds: boolean
}

/** A goal in a line; `write` gives its value as the report writes values. */
export function renderGoal({ name, isFloor, value, holds }: QualityGoal, write: (value: number) => string): string {
  return `${isFloor ? 'floor' : 'aim'}: ${name}: ${write(value)} ${holds ? 'holds' : isFloor ? 'FAILS' : 'not yet'}`
}

/** The lines of a table: two columns of words, and figures behind them. The first line has all columns. */
export function alignFigures(lines: readonly (readonly string[])[]): readonly string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) =>
    line
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}
