import { type RenderMachine, spendSteps } from '../machine/machine.ts'

/** The text cut where a reader sees characters, so that no emoji is split; the text itself when it holds none. */
export function charactersOf(text: string, machine: RenderMachine): string | readonly string[] {
  spendSteps(machine, text.length / 1024)
  if (!/[\ud800-\udfff]/.test(text)) return text
  spendSteps(machine, text.length / 8)
  return Array.from(text)
}

/** How many characters a text has. */
export function characterCount(text: string, machine: RenderMachine): number {
  return charactersOf(text, machine).length
}

/** Characters `from` up to `to`, negative ones counted from the end. */
export function sliceText(text: string, from: number, to: number | undefined, machine: RenderMachine): string {
  const part = charactersOf(text, machine).slice(from, to)
  return typeof part === 'string' ? part : part.join('')
}
