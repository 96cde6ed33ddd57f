/** A citation, or as much of one as has been written. */
const CITED = /\s*<vid>[^<]*<\/vid>/g
const CITED_IN_PART = /\s*<(?:v(?:id?>?[^<]{0,40}(?:<[^<]{0,5})?)?)?$/

/**
 * An answer that is being written: its last lines, as many as there is room for, below an empty one. Citations are left out, for they are
 * not checked yet.
 */
export function draftLines(draft: string | undefined, columns: number, rows: number): readonly string[] {
  if (draft === undefined || rows < 2) return []
  const text = draft.replace(CITED, '').replace(CITED_IN_PART, '')
  const lines = text.split('\n').flatMap((line) => wrapped(line, columns - 1))
  return ['', ...lines.slice(1 - rows)]
}

/** Cut between words; a word that is longer than a line is cut too. */
function wrapped(line: string, width: number): readonly string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > 0 ? space : width
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}
