import { command } from '../../command.ts'
import { addCommand } from './memory/add.ts'
import { logCommand, pinCommand, undoCommand, unpinCommand } from './memory/change.ts'
import { forgetCommand } from './memory/forget.ts'
import { acceptCommand, declineCommand, proposalsCommand } from './memory/proposals.ts'
import { listRecordsCommand, searchCommand, showRecordCommand, statsCommand } from './memory/read.ts'
import { sourcesCommand } from './memory/sources.ts'
import { exportCommand, importCommand } from './memory/transfer.ts'

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
