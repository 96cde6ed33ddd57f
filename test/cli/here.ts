import picocolors from 'picocolors'
import { runCli } from '../../src/cli/program.ts'
import { formsOver } from '../../src/cli/terminal/forms.ts'
import type { Terminal } from '../../src/cli/terminal/terminal.ts'
import type { Program } from './programs.ts'

/** How a command line in this process ended, and what it wrote. */
export type EndedHere = { readonly code: number; readonly out: string; readonly err: string }

/** A command line in this process, in a folder: a command that is not killed needs no process of its own. `terminal`: what else it has there. */
export async function runHere(
  program: Program,
  args: readonly string[],
  terminal: Pick<Terminal, 'folder'> & Partial<Terminal>,
): Promise<EndedHere> {
  const texts = { out: '', err: '' }
  const write = (to: keyof typeof texts) => (text: string) => void (texts[to] += `${text}\n`)
  const plain = picocolors.createColors(false)
  const shown = { live: false, outLive: false, rows: 24, columns: 80, colors: plain, outColors: plain }
  const said = { out: write('out'), data: write('out'), say: write('err') }
  const screen = { environment: {}, ...shown, ...said, ...terminal }
  const code = await runCli(args, { terminal: { ...formsOver(screen), ...screen }, ...program })
  return { code, ...texts }
}
