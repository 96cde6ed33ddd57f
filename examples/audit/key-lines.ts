const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]|\n/g
const DEEPEST = 2

/** The line (from 1) of each key of a valid JSON text, by its path: `scripts.install`; two levels deep. */
export function keyLines(json: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  const path: string[] = []
  let line = 1
  let last = { text: '""', line }
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '\n') line++
    else if (token === '{' || token === '[') path.push('')
    else if (token === '}' || token === ']') path.pop()
    else if (token !== ':') last = { text: token, line }
    else {
      path[path.length - 1] = JSON.parse(last.text)
      if (path.length <= DEEPEST) lines.set(path.join('.'), last.line)
    }
  }
  return lines
}
