import { InvalidError } from '../../../errors.ts'
import { formatSize } from '../../../lib/text/format-size.ts'
import type { CacheDrop, CacheDropped } from '../../../runtime/ports/maintenance.ts'
import type { CachePlace, CacheReport } from '../../../store/cache/report.ts'
import type { Cli } from '../../cli.ts'
import { command, type OptionRecord } from '../../command.ts'
import type { OptionsOf } from '../../command-values.ts'
import { withReader } from '../../connect/reader.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { printJson, printLines } from '../../render/print.ts'
import { formatCount } from '../../terminal/format.ts'

const showCommand = command({
  name: 'show',
  role: 'default',
  about: 'Show the contents of each cache layer. Hits are counted since the process started.',
  options: [['--json', 'print it as JSON']],
  at: 'server',
  run: (cli, { json = false, ...where }) =>
    withReader(cli, { command: 'antiphon cache', ...where }, async ({ client }) => {
      const report = await client.maintenance.cache.report()
      if (json) printJson(cli.terminal, report)
      else printLines(cli.terminal, linesOf(report))
      return 0
    }),
})

function linesOf({ places, shared, made, failed }: CacheReport): readonly string[] {
  const again = places.reduce((sum, { hits }) => sum + hits, shared)
  const also = shared === 0 ? '' : ` (${shared} of them while still being generated)`
  return [...places.map(placeLine), `${again} reused${also}, ${made} generated, ${formatCount(failed, 'failure')}`]
}

function placeLine({ name, hits, entries, bytes = 0, most = 0, problem }: CachePlace): string {
  const size = entries === undefined ? [] : [`${replies(entries)}, ${formatSize(bytes)} of ${formatSize(most)}`]
  const parts = [...size, formatCount(hits, 'hit'), ...(problem === undefined ? [] : [problem])]
  return `${name.padEnd(6)}  ${parts.join(', ')}`
}

const replies = (number: number) => (number === 1 ? '1 reply' : `${number} replies`)

const DROP_OPTIONS = [
  ['--model <id>', 'replies of this model'],
  ['--owner <name>', 'replies generated for this owner', { conflicts: 'model' }],
  [
    '--tag <tag>',
    "replies with this tag: a tag from a step's `cache: { tags }`, or model/ID, or owner/NAME",
    { conflicts: ['model', 'owner'] },
  ],
  ['--all', 'all replies', { conflicts: ['model', 'owner', 'tag'] }],
  ['--json', 'print what was dropped as JSON'],
] as const satisfies readonly OptionRecord[]
type DropOptions = ConnectionTarget & OptionsOf<typeof DROP_OPTIONS>

const dropCommand = command({
  name: 'drop',
  about: 'Drop cached replies. The next request calls the model again.',
  options: DROP_OPTIONS,
  at: 'server',
  examples: ['cache drop --owner ada', 'cache drop --all'],
  run: (cli, options) => drop(cli, dropIn(options), options),
})

function dropIn({ model, owner, tag, all }: DropOptions): CacheDrop {
  if (model !== undefined) return { model }
  if (owner !== undefined) return { owner }
  if (tag !== undefined) return { tag }
  if (all) return { all }
  throw new InvalidError('Expected --model, --owner, --tag or --all.', {
    hint: 'antiphon cache drop --model ID',
  })
}

function drop(cli: Cli, what: CacheDrop, { json = false, ...where }: DropOptions): Promise<number> {
  return withReader(cli, { command: 'antiphon cache', ...targetOf(where) }, async ({ client }) => {
    const dropped = await client.maintenance.cache.drop(what)
    if (json) printJson(cli.terminal, dropped)
    else cli.terminal.out(saidOf(dropped))
    return 0
  })
}

function saidOf({ tag, removed }: CacheDropped): string {
  const where = removed.map(({ name, entries }) => `${entries} in ${name === 'disk' ? 'the data folder' : name}`)
  return `Dropped ${tag === undefined ? 'all cached replies' : `replies with ${tag}`}: ${where.join(', ')}.`
}

/** `cache show|drop`: cached replies of models. */
export const cacheCommand = command({
  name: 'cache',
  about: 'Show and drop cached model replies.',
  commands: [showCommand, dropCommand],
  examples: ['cache', 'cache --json', 'cache drop --model openai/gpt-4o'],
})
