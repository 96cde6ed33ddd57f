import type { MemoryChange } from '../../../../memory/memory.ts'
import { parseLimit, parseWholeNumber } from '../../../arguments/options.ts'
import { command } from '../../../command.ts'
import { withReader } from '../../../connect/reader.ts'
import { withRuntime } from '../../../connect/session.ts'
import { targetOf } from '../../../connect/target.ts'
import { printJson, showList } from '../../../render/print.ts'
import { printTable } from '../../../render/table.ts'
import { oneLine } from '../../../render/text.ts'
import { localTime } from '../../../terminal/format.ts'
import { JSON_OPTION, OWNER_OPTION, ownerIn } from './options.ts'

const pinner = (name: 'pin' | 'unpin', about: string) =>
  command({
    name,
    about,
    args: [['<record>', 'id of the record']],
    options: [OWNER_OPTION, JSON_OPTION],
    at: 'server',
    run(cli, id, { json = false, ...options }) {
      const where = { command: 'antiphon memory', ...targetOf(options), serve: false }
      return withRuntime(cli, where, async ({ client }) => {
        const record = await client.memory.pin(id, { pinned: name === 'pin', ...ownerIn(options) })
        if (json) printJson(cli.terminal, record)
        else cli.terminal.say(`${id} is ${record.pinned ? 'pinned' : 'not pinned'}.`)
        return 0
      })
    },
  })

/** `memory pin` and `memory unpin`. */
export const pinCommand = pinner('pin', 'Pin a record.')
export const unpinCommand = pinner('unpin', 'Unpin a record.')

/** `memory log`: the change log. */
export const logCommand = command({
  name: 'log',
  about: 'List every change with its cause, the newest first.',
  options: [
    ['--limit <number>', 'maximum number of changes, up to 1000', { parse: parseLimit, default: 100 }],
    OWNER_OPTION,
    JSON_OPTION,
  ],
  at: 'server',
  examples: ['memory log', 'memory log --limit 5 --json'],
  run(cli, { json, limit, ...options }) {
    const { terminal } = cli
    const show = (changes: readonly MemoryChange[]): number => {
      const print = () => printTable(terminal, ['CHANGE', 'AT', 'WHAT', 'BY', 'RECORDS'], changes.map(rowOf))
      return showList(terminal, changes, { json, limit, none: 'Nothing has changed here yet.', print })
    }
    const reader = { command: 'antiphon memory', ...targetOf(options), empty: () => show([]) }
    return withReader(cli, reader, async ({ client }) =>
      show(await client.memory.changes({ limit, ...ownerIn(options) })),
    )
  },
})

function rowOf({ change, at, type, cause, records, count, undoes, undoneBy }: MemoryChange): readonly string[] {
  const what = undoes === undefined ? type : `undo ${undoes}`
  const [first] = records
  const forgotten = count - records.length
  const texts = first ? oneLine(first.text, 50) : ''
  // a change lists at most 100 of its records
  const others = (records.length < 100 ? records.length : count) - 1
  const more = others > 0 ? ` and ${others} more` : ''
  const gone = forgotten > 0 && records.length < 100 ? `${first ? ', ' : ''}${forgotten} forgotten` : ''
  return [
    String(change),
    localTime(at),
    undoneBy === undefined ? what : `${what}, undone by ${undoneBy}`,
    [cause.type, cause.id].filter(Boolean).join(' '),
    `${texts}${more}${gone}`,
  ]
}

/** `memory undo`: takes a change back. */
export const undoCommand = command({
  name: 'undo',
  about: 'Take back a change: an add with all its records, or a pin. An erasure stays.',
  args: [['<change>', 'number of the change, from antiphon memory log', { parse: parseWholeNumber }]],
  options: [OWNER_OPTION, JSON_OPTION],
  at: 'server',
  examples: ['memory undo 12'],
  run(cli, change, { json = false, ...options }) {
    const where = { command: 'antiphon memory', ...targetOf(options), serve: false }
    return withRuntime(cli, where, async ({ client }) => {
      const done = await client.memory.undo(change, ownerIn(options))
      if (json) printJson(cli.terminal, done)
      else cli.terminal.say(`Change ${change} is undone by change ${done.change}.`)
      return 0
    })
  },
})
