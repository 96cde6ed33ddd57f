import { Command, Option } from 'commander'
import { InvalidError } from '../../../errors.ts'
import type { CacheDrop, CacheDropped } from '../../../runtime/ports/maintenance.ts'
import type { CachePlace, CacheReport } from '../../../store/cache/cache.ts'
import { DATA_OPTION, exampleText } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { printJson, printLines } from '../../render/print.ts'
import { formatCount, formatSize } from '../../terminal/format.ts'

type Options = ConnectionTarget & { readonly json?: boolean }
type DropOptions = Options & {
  readonly model?: string
  readonly owner?: string
  readonly tag?: string
  readonly all?: true
}

/** `cache show|drop`: cached replies of models. */
export function cacheCommand(cli: Cli): Command {
  return new Command('cache')
    .description('Show and drop cached model replies.')
    .addCommand(showCommand(cli), { isDefault: true })
    .addCommand(dropCommand(cli))
    .addHelpText('after', exampleText('cache', 'cache --json', 'cache drop --model openai/gpt-4o'))
}

function showCommand(cli: Cli): Command {
  return new Command('show')
    .description('Show the contents of each cache layer. Hits are counted since the process started.')
    .option('--json', 'print it as JSON')
    .option(...DATA_OPTION)
    .action(async ({ json = false, ...where }: Options) =>
      cli.exit(
        await withReader(cli, { command: 'antiphon cache', ...where }, async ({ client }) => {
          const report = await client.maintenance.cache.report()
          if (json) printJson(cli.terminal, report)
          else printLines(cli.terminal, linesOf(report))
          return 0
        }),
      ),
    )
}

function linesOf({ places, shared, made, failed }: CacheReport): readonly string[] {
  const again = places.reduce((sum, { hits }) => sum + hits, shared)
  const also = shared === 0 ? '' : ` (${shared} of them while still being generated)`
  return [...places.map(placeLine), `${again} reused${also}, ${made} generated, ${formatCount(failed, 'failure')}`]
}

function placeLine({ name, hits, entries, bytes = 0, most = 0, problem }: CachePlace): string {
  const kept = entries === undefined ? [] : [`${replies(entries)}, ${formatSize(bytes)} of ${formatSize(most)}`]
  const parts = [...kept, formatCount(hits, 'hit'), ...(problem === undefined ? [] : [problem])]
  return `${name.padEnd(6)}  ${parts.join(', ')}`
}

const replies = (number: number) => (number === 1 ? '1 reply' : `${number} replies`)

function dropCommand(cli: Cli): Command {
  return new Command('drop')
    .description('Drop cached replies. The next request calls the model again.')
    .option('--model <id>', 'replies of this model')
    .addOption(new Option('--owner <name>', 'replies generated for this owner').conflicts('model'))
    .addOption(
      new Option(
        '--tag <tag>',
        "replies with this tag: a tag from a step's `cache: { tags }`, or model/ID, or owner/NAME",
      ).conflicts(['model', 'owner']),
    )
    .addOption(new Option('--all', 'all replies').conflicts(['model', 'owner', 'tag']))
    .option('--json', 'print what was dropped as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('cache drop --owner ada', 'cache drop --all'))
    .action(async (options: DropOptions) => cli.exit(await drop(cli, dropIn(options), options)))
}

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
