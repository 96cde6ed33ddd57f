import type { MemoryChange } from '../../../../memory/memory.ts'
import { parseWholeNumber } from '../../../arguments/options.ts'
import { limitOption, listCommand, showCommand } from '../../../client-command.ts'
import { localTime, oneLine } from '../../../terminal/format.ts'
import { JSON_OPTION, OWNER_OPTION } from './options.ts'

const pinning = (name: 'pin' | 'unpin', about: string) =>
  showCommand({
    name,
    about,
    args: [['<record>', 'id of the record']],
    options: [OWNER_OPTION, JSON_OPTION],
    opens: { serve: false },
    ask: ({ memory }, id, query) => memory.pin(id, { pinned: name === 'pin', ...query }),
    print: ({ pinned }, terminal, id) => terminal.say(`${id} is ${pinned ? 'pinned' : 'not pinned'}.`),
  })

export const pinCommand = pinning('pin', 'Pin a record.')
export const unpinCommand = pinning('unpin', 'Unpin a record.')

export const logCommand = listCommand({
  name: 'log',
  about: 'List every change with its cause, the newest first.',
  options: [limitOption('changes', 100), OWNER_OPTION, JSON_OPTION],
  examples: ['memory log', 'memory log --limit 5 --json'],
  ask: ({ memory }, query) => memory.changes(query),
  none: 'Nothing has changed here yet.',
  head: ['CHANGE', 'AT', 'WHAT', 'BY', 'RECORDS'],
  row: rowOf,
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

export const undoCommand = showCommand({
  name: 'undo',
  about: 'Take back a change: an add with all its records, or a pin. An erasure stays.',
  args: [['<change>', 'number of the change, from antiphon memory log', { parse: parseWholeNumber }]],
  options: [OWNER_OPTION, JSON_OPTION],
  examples: ['memory undo 12'],
  opens: { serve: false },
  ask: ({ memory }, change, query) => memory.undo(change, query),
  print: ({ change }, terminal, undone) => terminal.say(`Change ${undone} is undone by change ${change}.`),
})
