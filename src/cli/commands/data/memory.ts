import { command } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { shortPath } from '../../terminal/errors.ts'
import { localTime } from '../../terminal/format.ts'
import { addCommand } from './memory/add.ts'
import { logCommand, pinCommand, undoCommand, unpinCommand } from './memory/change.ts'
import { forgetCommand } from './memory/forget.ts'
import { JSON_OPTION, OWNER_OPTION, sourceRef } from './memory/options.ts'
import { listRecordsCommand, searchCommand, showRecordCommand, statsCommand } from './memory/read.ts'
import { RECORD_TABLE } from './memory/render.ts'
import { exportCommand, importCommand } from './memory/transfer.ts'

const proposalsCommand = listCommand({
  name: 'proposals',
  about: 'List the facts that models and runs have proposed. antiphon inbox shows each with what it would end.',
  options: [OWNER_OPTION, JSON_OPTION],
  ask: ({ memory }, query) => memory.proposals(query),
  none: 'No fact waits for a person.',
  ...RECORD_TABLE,
})

const deciding = (name: 'accept' | 'decline', about: string, done: string) =>
  showCommand({
    name,
    about,
    args: [['<record>', 'id of the proposed fact, from antiphon inbox']],
    options: [OWNER_OPTION, JSON_OPTION],
    opens: { serve: false },
    ask: async ({ memory }, id, query) => memory[name](id, query),
    print: (_, terminal, id) => terminal.say(`${id} is ${done}.`),
  })

const acceptCommand = deciding('accept', 'Accept a proposed fact. `memory undo` takes that back.', 'remembered')
const declineCommand = deciding('decline', 'Decline a proposed fact, which erases it.', 'erased')

const sourcesCommand = listCommand({
  name: 'sources',
  about: 'List the files and pages in memory, and when each was read.',
  args: [['[path]', 'only this file, or what is below this folder or URL']],
  options: [limitOption('documents', 100), OWNER_OPTION, JSON_OPTION],
  examples: ['memory sources', 'memory sources docs --json'],
  ask: ({ memory }, path, query, terminal) =>
    memory.sources.list({ ...query, ...(path !== undefined && { below: sourceRef(path, terminal) }) }),
  none: 'No documents here.',
  head: ['SOURCE', 'SPACE', 'PASSAGES', 'READ', 'STATUS'],
  row: ({ ref, space, records, status, reason, readAt }, { folder }) => [
    shortPath(ref, folder),
    space === '' ? '/' : space,
    String(records),
    localTime(readAt),
    reason === undefined ? status : `${status}: ${reason}`,
  ],
})

export const memoryCommand = command({
  name: 'memory',
  about: 'Remember texts and facts, and find them again. `forget` erases them for good.',
  commands: [
    addCommand,
    searchCommand,
    listRecordsCommand,
    showRecordCommand,
    sourcesCommand,
    pinCommand,
    unpinCommand,
    forgetCommand,
    statsCommand,
    logCommand,
    undoCommand,
    exportCommand,
    importCommand,
    proposalsCommand,
    acceptCommand,
    declineCommand,
  ],
  examples: [
    'memory add docs',
    'memory add --text "Eve lives in Oslo" --subject "home of Eve"',
    'memory search "where does Eve live"',
  ],
})
