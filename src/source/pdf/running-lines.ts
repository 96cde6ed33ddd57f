/** Pages that a document needs, and lines of a page: a page of fewer has no header. */
const MIN_PAGES = 3
const MIN_LINES = 3
/** The share of the pages on which a line repeats at the same end, and how many lines of an end may. */
const MIN_SHARE = 0.6
const MAX_LINES = 2

/**
 * Pages without the headers and footers that repeat on most of them, but for the number of the page. The first page
 * keeps its own, as paragraphs above its text.
 */
export function withoutRunningLines(pages: readonly string[]): readonly string[] {
  const all = pages.map((text) => text.split('\n').filter((line) => line.trim() !== ''))
  const full = all.filter((lines) => lines.length >= MIN_LINES)
  if (full.length < MIN_PAGES) return pages
  const tops = repeated(full.map((lines) => lines.slice(0, MAX_LINES)))
  const ends = repeated(full.map((lines) => lines.slice(-MAX_LINES)))
  if (tops.size + ends.size === 0) return pages
  let isFirst = true
  return pages.map((text, page) => {
    const lines = text.split('\n')
    if (all[page]!.length < MIN_LINES) return text
    const top = countRunning(lines, tops)
    const end = countRunning(lines.slice(top).reverse(), ends)
    const body = lines.slice(top, lines.length - end).join('\n')
    if (top + end === 0 || !isFirst) return body
    isFirst = false
    return [lines.slice(0, top).join('\n'), lines.slice(lines.length - end).join('\n'), body]
      .filter((part) => part.trim() !== '')
      .join('\n\n')
  })
}

/** A line without its numbers, so that pages have the same. */
const formOf = (line: string) => line.trim().replace(/\d+/g, '#').replace(/\s+/g, ' ')

function repeated(ends: readonly (readonly string[])[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const form of ends.flatMap((lines) => [...new Set(lines.map(formOf))]))
    counts.set(form, (counts.get(form) ?? 0) + 1)
  const least = Math.max(MIN_PAGES, MIN_SHARE * ends.length)
  return new Set([...counts].filter(([, count]) => count >= least).map(([form]) => form))
}

/** How many lines at the beginning are running lines, with the blank ones between. */
function countRunning(lines: readonly string[], running: ReadonlySet<string>): number {
  let [count, seen] = [0, 0]
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    if (seen++ === MAX_LINES || !running.has(formOf(line))) break
    count = at + 1
  }
  return count
}
