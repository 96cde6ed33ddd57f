/** One line that is written over, for a person who watches. */
export function tell(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}

/** A line that stays, such as a row that was measured. Standard output has the report alone. */
export function tellRow(line: string): void {
  tell('')
  process.stderr.write(`${line}\n`)
}
