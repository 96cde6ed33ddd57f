/** Lines of a step in the text of a pipeline; the first line is 1. */
type Lines = { readonly line: number; readonly endLine: number }

const PROMPT = /^(.*?)(?<![\w.-])prompt:[ \t]*(?:([|>])[^\n]*\n([ \t]*)|(["']))?/m

/** The place of the prompt of a step, so that a person can type another one. Without one: the begin of the step. */
export function promptIn(text: string, { line, endLine }: Lines): readonly [begin: number, end: number] {
  const lines = text.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  const step = lines.slice(line - 1, endLine).join('\n')
  const found = PROMPT.exec(step)
  if (!found) return [start, start]
  const [all, before, block, indent = '', quote] = found
  const begin = found.index + all.length
  const rest = step.slice(begin)
  const length = block
    ? blockLength(rest, indent)
    : quote
      ? quotedLength(rest, quote)
      : rest.search(before!.includes('{') ? /[ \t]*[,}\n]|$/ : /[ \t]*(?:\n|$)/)
  return [start + begin, start + begin + length]
}

/** Characters of a text that goes on as long as its lines have the indent of the first one. */
function blockLength(rest: string, indent: string): number {
  const [first = '', ...others] = rest.split('\n')
  const after = others.findIndex((one) => one.trim() !== '' && !one.startsWith(indent))
  return [first, ...others.slice(0, after === -1 ? undefined : after)].join('\n').trimEnd().length
}

/** Characters before the quote that ends a text. */
function quotedLength(rest: string, quote: string): number {
  for (let at = 0; at < rest.length; at++) {
    if (quote === '"' && rest[at] === '\\') at++
    else if (rest[at] === quote) {
      if (quote === '"' || rest[at + 1] !== quote) return at
      at++
    }
  }
  return rest.length
}
