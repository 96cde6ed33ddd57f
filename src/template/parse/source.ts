import { InvalidError, is } from '../../errors.ts'
import type { TemplatePosition } from '../syntax.ts'

const MAX_LENGTH = 1_000_000

/** A text being parsed: what it says, where an offset lies in it, and the names with hyphens to know. */
export type TemplateSource = {
  readonly text: string
  readonly names: ReadonlySet<string>
  readonly locate: (offset: number) => TemplatePosition
  readonly onFault?: OnTemplateFault | undefined
}

/** Is told of a fault in a tag instead of its being thrown; what is wrong is left out, and the text behind it is read. */
export type OnTemplateFault = (fault: InvalidError) => void

/** What `read` makes of a tag, or `otherwise` when it is wrong and somebody is to be told. */
export function reportOr<T>(onFault: OnTemplateFault | undefined, read: () => T, otherwise: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!onFault || !is(error, 'InvalidError')) throw error
    onFault(error)
    return otherwise()
  }
}

/** The text ready to parse; InvalidError past 1 000 000 characters. `origin` is where it starts in a larger text. */
export function openSource(
  text: string,
  names: ReadonlySet<string> = new Set(),
  origin?: TemplatePosition,
  onFault?: OnTemplateFault,
): TemplateSource {
  const locate = shift(locator(text), origin)
  if (text.length > MAX_LENGTH) throw syntaxError(`the text is longer than ${MAX_LENGTH} characters`, locate(0))
  return { text, names, locate, onFault }
}

/** The error of a text that cannot be parsed. */
export function syntaxError(
  message: string,
  place: TemplatePosition,
  hint?: string,
  code = 'template_syntax',
): InvalidError {
  return new InvalidError(message, { code, place, ...(hint !== undefined && { hint }) })
}

function locator(text: string): (offset: number) => TemplatePosition {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    const line = lastNotAfter(starts, offset)
    return { line: line + 1, column: offset - starts[line]! + 1 }
  }
}

function lastNotAfter(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function shift(
  locate: (offset: number) => TemplatePosition,
  origin: TemplatePosition | undefined,
): (offset: number) => TemplatePosition {
  if (!origin) return locate
  return (offset) => {
    const { line, column } = locate(offset)
    return { line: origin.line + line - 1, column: line === 1 ? origin.column + column - 1 : column }
  }
}
