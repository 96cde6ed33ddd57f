import { createMachine } from '../machine/machine.ts'
import { compilePattern } from './compile.ts'
import { hasMatch } from './match.ts'

const NOTHING = { get: () => undefined }

/**
 * Whether a text matches a pattern from its beginning on; `$` asks for its end. Takes time in proportion to both, whatever the
 * pattern; InvalidError for a pattern that is none.
 */
export function beginsWith(pattern: string, text: string): boolean {
  const machine = createMachine(NOTHING)
  return hasMatch(compilePattern(`^(?:${pattern})`, machine), text, machine)
}
