/** A Markdown table; cells are escaped, so that no text from a package can end a row. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map((cells) => line(cells.map(cell)))]
}

/** A table, or one sentence when there is nothing to list. */
export function tableOr(
  none: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return rows.length === 0 ? [none] : table(head, rows)
}

/** Text as code, shortened to 200 characters; no backtick in it can end it. */
export function code(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 199)}…` : text
  return `\`${short.replaceAll('`', "'")}\``
}

/** Bytes in decimal megabytes, or kilobytes below a tenth of one. */
export function size(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

function cell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replaceAll('|', '\\|')
}
