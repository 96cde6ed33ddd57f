import { type RenderMachine, spendSteps } from '../machine/machine.ts'

/** The text split into the characters that a reader sees, so that no emoji is split; the text itself if it has none. */
export function charactersOf(text: string, machine: RenderMachine): string | readonly string[] {
  spendSteps(machine, text.length / 1024)
  if (!/[\ud800-\udfff]/.test(text)) return text
  spendSteps(machine, text.length / 8)
  return Array.from(text)
}

export const characterCount = (text: string, machine: RenderMachine): number => charactersOf(text, machine).length

/** Characters `from` up to `to`, negative ones counted from the end. */
export function sliceText(text: string, from: number, to: number | undefined, machine: RenderMachine): string {
  const part = charactersOf(text, machine).slice(from, to)
  return typeof part === 'string' ? part : part.join('')
}
