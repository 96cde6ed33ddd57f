import { type Machine, spend } from '../machine/machine.ts'

/** The text cut where a reader sees characters, so that no emoji is split; the text itself when it holds none. */
export function charactersOf(text: string, machine: Machine): string | readonly string[] {
  spend(machine, text.length / 1024)
  if (!/[\ud800-\udfff]/.test(text)) return text
  spend(machine, text.length / 8)
  return Array.from(text)
}

/** How many characters a text has. */
export function lengthOf(text: string, machine: Machine): number {
  return charactersOf(text, machine).length
}

/** Characters `from` up to `to`, negative ones counted from the end. */
export function sliceText(text: string, from: number, to: number | undefined, machine: Machine): string {
  const part = charactersOf(text, machine).slice(from, to)
  return typeof part === 'string' ? part : part.join('')
}
