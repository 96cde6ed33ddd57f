import { listCommand, showCommand } from '../../../client-command.ts'
import { JSON_OPTION, OWNER_OPTION } from './options.ts'
import { RECORD_TABLE } from './render.ts'

export const proposalsCommand = listCommand({
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

export const acceptCommand = deciding('accept', 'Accept a proposed fact. `memory undo` takes that back.', 'remembered')
export const declineCommand = deciding('decline', 'Decline a proposed fact, which erases it.', 'erased')
