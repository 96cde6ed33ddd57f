import { InvalidError, is } from '../../errors.ts'
import type { TemplatePosition } from '../syntax.ts'

const MAX_LENGTH = 1_000_000

/** A text being parsed: its content, positions, and known names with hyphens. */
export type TemplateSource = {
  readonly text: string
  readonly names: ReadonlySet<string>
  readonly locate: (offset: number) => TemplatePosition
  readonly onFault?: OnTemplateFault | undefined
}

/** Receives a fault of a tag instead of an exception. The tag is skipped, and parsing continues. */
export type OnTemplateFault = (fault: InvalidError) => void

/** Returns the result of `read`, or `otherwise` if it fails and `onFault` takes the fault. */
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
