import { present } from '../../../../lib/json/present.ts'
import { formatSize } from '../../../../lib/text/format-size.ts'
import { EMPTY_STATS } from '../../../../memory/empty-stats.ts'
import { type FoundRecords, type MemoryStats, partlyRead, type TierStats } from '../../../../memory/memory.ts'
import { TIERS } from '../../../../memory/tier/decide.ts'
import { command, targetOf } from '../../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../../client-command.ts'
import { withReader } from '../../../connect/session.ts'
import { showList } from '../../../render/print.ts'
import { formatCount } from '../../../terminal/format.ts'
import { FILTER_OPTIONS, filterIn, JSON_OPTION, OWNER_OPTION, ownerIn } from './options.ts'
import { citedLine, factLine, printRecords, printScores, RECORD_TABLE, recordLines, sourceLines } from './render.ts'

export const searchCommand = command({
  name: 'search',
  about: 'Search records by words and by meaning. Filters hold exactly.',
  args: [['<text>', 'what to look for']],
  options: [
    ...FILTER_OPTIONS,
    limitOption('records', 10, 100),
    ['--explain', 'show the parts of each score'],
    OWNER_OPTION,
    JSON_OPTION,
  ],
  at: 'server',
  examples: ['memory search "where does Eve live"', 'memory search kiln --space work --json'],
  run(cli, text, { json, limit, explain = false, ...options }) {
    const { terminal } = cli
    const show = ({ records, coverage = 1, degraded = [], sources }: FoundRecords) => {
      const print = () => (explain ? printScores(terminal, records) : printRecords(terminal, records))
      const code = showList(terminal, records, { json, limit, none: 'No record was found.', print })
      for (const line of sources ? sourceLines(sources) : []) terminal.say(line)
      const half = coverage < 1 ? [partlyRead(coverage)] : []
      for (const lack of new Set([...degraded, ...half])) terminal.say(`Degraded: ${lack}`)
      return code
    }
    const query = { text, limit, ...(explain && { explain }), ...filterIn(options, terminal), ...ownerIn(options) }
    const reader = { command: 'antiphon memory', ...targetOf(options), empty: () => show({ records: [] }) }
    return withReader(cli, reader, async ({ client }) => show(await client.memory.search(query)))
  },
})

export const listRecordsCommand = listCommand({
  about: 'List records, the newest first. Facts are those that hold now, or at --as-of.',
  options: [...FILTER_OPTIONS, limitOption('records', 100), OWNER_OPTION, JSON_OPTION],
  examples: ['memory list --space work', 'memory list --subject "home of Eve" --as-of 2026-02-01'],
  ask: ({ memory }, { limit, owner, ...filters }, terminal) =>
    memory.list({ limit, ...present({ owner }), ...filterIn(filters, terminal) }),
  none: 'Nothing is remembered here. To add something: antiphon memory add --text TEXT',
  ...RECORD_TABLE,
})

export const showRecordCommand = showCommand({
  about: 'Show a record whole. It lists all facts about its subject, and answers that cite it.',
  args: [['<record>', 'id of the record']],
  options: [OWNER_OPTION, JSON_OPTION],
  examples: ['memory show m_3xJd0vQ'],
  ask: ({ memory }, id, query) => memory.get(id, query),
  print(record, terminal) {
    terminal.out(record.text)
    if (record.data !== undefined) terminal.json(record.data)
    terminal.lines(recordLines(record))
    terminal.lines(record.history.map(factLine))
    terminal.lines(record.citedBy.map(citedLine))
  },
})

export const statsCommand = showCommand({
  name: 'stats',
  about: 'Count the records of a memory.',
  options: [OWNER_OPTION, JSON_OPTION],
  ask: ({ memory }, query) => memory.stats(query),
  empty: EMPTY_STATS,
  print: (stats, terminal) => terminal.lines(statLines(stats)),
})

function statLines(stats: MemoryStats): readonly string[] {
  const { records, bytes, pinned, kinds, changes, pending, quarantined, tiers, redis } = stats
  const each = Object.entries(kinds).map(([kind, count]) => `  ${kind}: ${count}`)
  return [
    `${formatCount(records, 'record')}, ${formatSize(bytes)}, ${pinned} pinned`,
    ...each,
    ...TIERS.flatMap((tier) => (tiers[tier].records === 0 ? [] : [tierLine(tier, tiers[tier])])),
    formatCount(changes, 'change'),
    ...(pending === 0 ? [] : [`${formatCount(pending, 'erasure')} not finished`]),
    ...(quarantined === 0 ? [] : [`${formatCount(quarantined, 'damaged record')}, left out of searches and lists`]),
    ...(redis
      ? [`Redis: ${redis.state} since ${new Date(redis.since).toISOString()}${redis.error ? ` (${redis.error})` : ''}`]
      : []),
  ]
}

function tierLine(tier: string, { records, bytes, fullBytes, hits }: TierStats): string {
  const size = bytes === fullBytes ? formatSize(bytes) : `${formatSize(bytes)} of ${formatSize(fullBytes)}`
  return `  tier ${tier}: ${formatCount(records, 'record')}, ${size}, ${formatCount(hits, 'hit')}`
}
