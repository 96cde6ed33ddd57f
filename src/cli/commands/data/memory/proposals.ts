import type { MemoryRecord } from '../../../../memory/record.ts'
import { command } from '../../../command.ts'
import { withReader } from '../../../connect/reader.ts'
import { withRuntime } from '../../../connect/session.ts'
import { targetOf } from '../../../connect/target.ts'
import { printJson, showList } from '../../../render/print.ts'
import { JSON_OPTION, OWNER_OPTION, ownerIn } from './options.ts'
import { printRecords } from './render.ts'

/** `memory proposals`: facts that work has proposed. */
export const proposalsCommand = command({
  name: 'proposals',
  about: 'List the facts that models and runs have proposed. antiphon inbox shows each with what it would end.',
  options: [OWNER_OPTION, JSON_OPTION],
  at: 'server',
  run(cli, { json, ...options }) {
    const show = (proposals: readonly MemoryRecord[]) => {
      const print = () => printRecords(cli.terminal, proposals)
      const limit = proposals.length + 1
      return showList(cli.terminal, proposals, { json, limit, none: 'No fact waits for a person.', print })
    }
    const reader = { command: 'antiphon memory', ...targetOf(options), empty: () => show([]) }
    return withReader(cli, reader, async ({ client }) => show(await client.memory.proposals(ownerIn(options))))
  },
})

const decider = (name: 'accept' | 'decline', about: string) =>
  command({
    name,
    about,
    args: [['<record>', 'id of the proposed fact, from antiphon inbox']],
    options: [OWNER_OPTION, JSON_OPTION],
    at: 'server',
    run(cli, id, { json = false, ...options }) {
      const where = { command: 'antiphon memory', ...targetOf(options), serve: false }
      return withRuntime(cli, where, async ({ client }) => {
        const done = await client.memory[name](id, ownerIn(options))
        if (json) printJson(cli.terminal, done)
        else cli.terminal.say(name === 'accept' ? `${id} is remembered.` : `${id} is erased.`)
        return 0
      })
    },
  })

/** `memory accept` and `memory decline`. */
export const acceptCommand = decider('accept', 'Accept a proposed fact. `memory undo` takes that back.')
export const declineCommand = decider('decline', 'Decline a proposed fact, which erases it.')
