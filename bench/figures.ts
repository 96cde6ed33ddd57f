import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { tell, tellRow } from './tell.ts'

/** One figure, and what it must not exceed: the floor fails the bench, the aim does not. */
export type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly floor?: number
  readonly aim?: number
}

type Measured<Size> = {
  readonly name: string
  readonly description: string
  readonly usual: Size
  /** It shows that all works, and not how fast. */
  readonly quick: Size
  /** Numbers of a size that an option sets, with their descriptions. */
  readonly options?: { readonly [name: string]: string }
  /** Measures in a folder of its own, and tells each figure as soon as it is there. */
  measure(folder: string, size: Size, onFigure: (figure: Figure) => void): Promise<readonly Figure[]>
}

/** A command that measures figures. */
export function addFigures<Size extends { readonly [name: string]: number }>(
  program: Command,
  { name, description, usual, quick, options = {}, measure }: Measured<Size>,
): void {
  const command = program
    .command(name)
    .description(description)
    .option('--quick', 'little of each: shows that all works, not how fast')
    .option('--json', 'the report as JSON', false)
  for (const [option, about] of Object.entries(options)) command.option(`--${option} <number>`, about, Number)
  command.action(async ({ quick: isQuick, json, ...given }: { quick?: true; json: boolean } & Partial<Size>) => {
    const folder = await mkdtemp(join(tmpdir(), `antiphon-${name}-`))
    try {
      const size = { ...(isQuick ? quick : usual), ...given }
      const figures = await measure(folder, size, (figure) => tellRow(renderFigure(figure)))
      tell('')
      process.stdout.write(`${json ? JSON.stringify(figures, null, 2) : figures.map(renderFigure).join('\n')}\n`)
      if (!isQuick && figures.some(({ value, floor }) => floor !== undefined && value > floor)) process.exitCode = 1
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}

/** A figure in one line. */
export function renderFigure({ name, value, unit, floor, aim }: Figure): string {
  const goal = (word: string, most: number | undefined, [good, bad]: readonly [string, string]) =>
    most === undefined ? [] : [`${word} ≤ ${most} ${unit} ${value <= most ? good : bad}`]
  const goals = [...goal('floor', floor, ['holds', 'FAILS']), ...goal('aim', aim, ['reached', 'not yet'])]
  return [`${name}: ${value.toFixed(value < 1 ? 2 : 1)} ${unit}`, ...goals].join(', ')
}
