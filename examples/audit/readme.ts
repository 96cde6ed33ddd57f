const HEADING = /^(#{1,6})\s+(.*)$/
const UNDERLINE = /^(?:=+|-+)\s*$/
const ABOUT = /licen[cs]/i

/** The licence section of a README with all other lines emptied, so that line numbers stay; null when it has none. */
export function licenceSection(readme: string): string | null {
  const lines = readme.split(/\r\n|\r|\n/)
  const headings = headingsOf(lines)
  const start = headings.findIndex(({ title }) => ABOUT.test(title))
  if (start < 0) return null
  const { line, level } = headings[start]!
  const end = headings.slice(start + 1).find((heading) => heading.level <= level)?.line ?? lines.length
  return lines.map((text, at) => (at >= line && at < end ? text : '')).join('\n')
}

type Heading = { readonly line: number; readonly level: number; readonly title: string }

function headingsOf(lines: readonly string[]): readonly Heading[] {
  const headings: Heading[] = []
  let fenced = false
  lines.forEach((text, line) => {
    if (/^\s*(?:```|~~~)/.test(text)) fenced = !fenced
    const heading = fenced ? null : headingAt(lines, line)
    if (heading) headings.push(heading)
  })
  return headings
}

function headingAt(lines: readonly string[], line: number): Heading | null {
  const text = lines[line]!
  const marked = HEADING.exec(text)
  if (marked) return { line, level: marked[1]!.length, title: marked[2]! }
  const below = lines[line + 1] ?? ''
  if (text.trim() === '' || !UNDERLINE.test(below)) return null
  return { line, level: below.startsWith('=') ? 1 : 2, title: text }
}
