import { InvalidError } from '../../../errors.ts'
import { formatSize } from '../../../lib/text/format-size.ts'
import type { CacheDrop, CacheDropped } from '../../../runtime/ports/maintenance.ts'
import type { CachePlace, CacheReport } from '../../../store/cache/report.ts'
import { command, type OptionRecord, type OptionsOf } from '../../cli.ts'
import { showCommand } from '../../client-command.ts'
import { formatCount } from '../../terminal/format.ts'

const showCacheCommand = showCommand({
  role: 'default',
  about: 'Show the contents of each cache layer. Hits are counted since the process started.',
  options: [['--json', 'print it as JSON']],
  ask: ({ maintenance }) => maintenance.cache.report(),
  print: (report, terminal) => terminal.lines(linesOf(report)),
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

const dropCommand = showCommand({
  name: 'drop',
  about: 'Drop cached replies. The next request calls the model again.',
  options: DROP_OPTIONS,
  examples: ['cache drop --owner ada', 'cache drop --all'],
  ask: ({ maintenance }, which) => maintenance.cache.drop(dropIn(which)),
  print: (dropped, terminal) => terminal.out(dropText(dropped)),
})

function dropIn({ model, owner, tag, all }: OptionsOf<typeof DROP_OPTIONS>): CacheDrop {
  if (model !== undefined) return { model }
  if (owner !== undefined) return { owner }
  if (tag !== undefined) return { tag }
  if (all) return { all }
  throw new InvalidError('Expected --model, --owner, --tag or --all.', {
    hint: 'antiphon cache drop --model ID',
  })
}

function dropText({ tag, removed }: CacheDropped): string {
  const where = removed.map(({ name, entries }) => `${entries} in ${name === 'disk' ? 'the data folder' : name}`)
  return `Dropped ${tag === undefined ? 'all cached replies' : `replies with ${tag}`}: ${where.join(', ')}.`
}

export const cacheCommand = command({
  name: 'cache',
  about: 'Show and drop cached model replies.',
  commands: [showCacheCommand, dropCommand],
  examples: ['cache', 'cache --json', 'cache drop --model openai/gpt-4o'],
})
